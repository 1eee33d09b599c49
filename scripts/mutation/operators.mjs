/**
 * The mutants of a TypeScript source: small changes that a test should notice. Each replaces one node of the syntax tree,
 * so that a program holds all mutants of a file at once and switches between them while it runs (see instrument.mjs).
 */
import ts from 'typescript';

const { SyntaxKind } = ts;

/** Binary operators and their replacements. */
const BINARY = new Map([
  [SyntaxKind.LessThanToken, ['<=', '>=']],
  [SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [SyntaxKind.PlusToken, ['-']],
  [SyntaxKind.MinusToken, ['+']],
  [SyntaxKind.AsteriskToken, ['/']],
  [SyntaxKind.SlashToken, ['*']],
  [SyntaxKind.PercentToken, ['*']],
  [SyntaxKind.AsteriskAsteriskToken, ['*']],
  [SyntaxKind.LessThanLessThanToken, ['>>']],
  [SyntaxKind.GreaterThanGreaterThanToken, ['<<']],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ['<<']],
  [SyntaxKind.AmpersandToken, ['|']],
  [SyntaxKind.BarToken, ['&']],
  [SyntaxKind.CaretToken, ['&']],
  [SyntaxKind.AmpersandAmpersandToken, ['||']],
  [SyntaxKind.BarBarToken, ['&&']],
  [SyntaxKind.QuestionQuestionToken, ['&&']],
  [SyntaxKind.PlusEqualsToken, ['-=']],
  [SyntaxKind.MinusEqualsToken, ['+=']],
  [SyntaxKind.AsteriskEqualsToken, ['/=']],
  [SyntaxKind.SlashEqualsToken, ['*=']],
  [SyntaxKind.BarEqualsToken, ['&=']],
  [SyntaxKind.AmpersandEqualsToken, ['|=']],
  [SyntaxKind.CaretEqualsToken, ['|=']],
]);

/** Functions of Math and methods that are replaced by another one. */
const OTHER_NAME = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['round', 'floor'],
  ['trunc', 'ceil'],
  ['sin', 'cos'],
  ['cos', 'sin'],
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
]);

/** Methods whose call is replaced by the object they are called on. */
const LEFT_OUT = new Set([
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'filter',
  'slice',
  'subarray',
  'trim',
]);

/**
 */

/**
 * All mutants of a source, in its order.
 * @param {string} file @param {string} source @returns {Mutant[]}
 */
export function mutantsOf(file, source) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  /** @type {Mutant[]} */
  const mutants = [];
  const text = (/** @type {ts.Node} */ node) => source.slice(node.getStart(tree), node.end);

  const add = (/** @type {ts.Node} */ node, operator, replacement, isStatement = false) => {
    // A link of an optional chain cannot be cut out of it.
    const { parent } = node;
    if (!isStatement && ts.isOptionalChain(parent) && parent.expression === node) return;
    const start = node.getStart(tree);
    mutants.push({
      operator,
      start,
      end: node.end,
      text: replacement,
      isStatement,
      where: functionName(node),
      line: tree.getLineAndCharacterOfPosition(start).line + 1,
      from: short(text(node)),
      to: isStatement ? 'nothing' : short(replacement),
    });
  };

  const visit = (/** @type {ts.Node} */ node) => {
    if (isTypeOnly(node)) return;
    mutate(node);
    ts.forEachChild(node, visit);
  };

  function mutate(/** @type {ts.Node} */ node) {
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const condition = ts.isIfStatement(node) ? node.expression : node.condition;
      add(condition, 'condition', 'true');
      add(condition, 'condition', 'false');
    } else if (ts.isWhileStatement(node) || ts.isDoStatement(node)) {
      if (node.expression.kind !== SyntaxKind.TrueKeyword) add(node.expression, 'condition', 'false');
    } else if (ts.isForStatement(node)) {
      if (node.condition) add(node.condition, 'condition', 'false');
    } else if (ts.isReturnStatement(node)) {
      if (node.expression && !isUndefined(node.expression))
        add(node.expression, 'returned value', 'undefined');
      else if (!isLast(node)) add(node, 'removed statement', '', true);
    } else if (ts.isArrowFunction(node)) {
      if (!ts.isBlock(node.body) && !isUndefined(node.body)) add(node.body, 'returned value', 'undefined');
    } else if (ts.isExpressionStatement(node)) {
      const { expression } = node;
      const isSuper =
        ts.isCallExpression(expression) && expression.expression.kind === SyntaxKind.SuperKeyword;
      if (!isSuper && !ts.isStringLiteral(expression)) add(node, 'removed statement', '', true);
    } else if (ts.isThrowStatement(node) || ts.isContinueStatement(node)) {
      add(node, 'removed statement', '', true);
    } else if (ts.isBinaryExpression(node)) {
      mutateBinary(node);
    } else if (ts.isPrefixUnaryExpression(node)) {
      const operand = text(node.operand);
      if (node.operator === SyntaxKind.ExclamationToken || node.operator === SyntaxKind.MinusToken)
        add(node, node.operator === SyntaxKind.MinusToken ? 'arithmetic' : 'condition', operand);
      else if (node.operator === SyntaxKind.PlusPlusToken) add(node, 'arithmetic', `--${operand}`);
      else if (node.operator === SyntaxKind.MinusMinusToken) add(node, 'arithmetic', `++${operand}`);
    } else if (ts.isPostfixUnaryExpression(node)) {
      add(
        node,
        'arithmetic',
        text(node.operand) + (node.operator === SyntaxKind.PlusPlusToken ? '--' : '++'),
      );
    } else if (ts.isCallExpression(node)) {
      mutateCall(node);
    } else {
      mutateLiteral(node);
    }
  }

  function mutateBinary(/** @type {ts.BinaryExpression} */ node) {
    const { left, right, operatorToken } = node;
    if (operatorToken.kind === SyntaxKind.PlusToken && (isText(left) || isText(right))) return;
    const operator = isLogical(operatorToken.kind)
      ? 'condition'
      : isComparison(operatorToken.kind)
        ? 'boundary'
        : 'arithmetic';
    const replaced = (/** @type {string} */ other) =>
      source.slice(node.getStart(tree), operatorToken.getStart(tree)) +
      other +
      source.slice(operatorToken.end, node.end);
    // In parentheses, because ?? and && may not be adjacent without them.
    for (const other of BINARY.get(operatorToken.kind) ?? [])
      add(
        node,
        operator,
        isLogical(operatorToken.kind) ? `(${text(left)}) ${other} (${text(right)})` : replaced(other),
      );
  }

  function mutateCall(/** @type {ts.CallExpression} */ node) {
    const called = node.expression;
    if (!ts.isPropertyAccessExpression(called) || node.questionDotToken) return;
    const name = called.name.text;
    const other = OTHER_NAME.get(name);
    if (other !== undefined)
      add(
        node,
        'called function',
        source.slice(node.getStart(tree), called.name.getStart(tree)) +
          other +
          source.slice(called.name.end, node.end),
      );
    const isChained =
      called.questionDotToken !== undefined || called.expression.kind === SyntaxKind.SuperKeyword;
    if (LEFT_OUT.has(name) && !isChained) add(node, 'called function', text(called.expression));
  }

  function mutateLiteral(/** @type {ts.Node} */ node) {
    const { parent } = node;
    if (node.kind === SyntaxKind.TrueKeyword) add(node, 'literal', 'false');
    else if (node.kind === SyntaxKind.FalseKeyword) add(node, 'literal', 'true');
    else if (ts.isNumericLiteral(node) && !isName(node))
      add(node, 'literal', Number(node.text) === 1 ? '0' : `(${node.getText(tree)} + 1)`);
    else if (ts.isBigIntLiteral(node)) add(node, 'literal', `(${node.getText(tree)} + 1n)`);
    else if (ts.isStringLiteral(node) && !isName(node)) {
      // A call statement of a string is a directive, a module's name belongs to its import.
      const isFixed =
        ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExpressionStatement(parent);
      if (!isFixed) add(node, 'text', node.text === '' ? "'mutated'" : "''");
    } else if (ts.isTaggedTemplateExpression(node)) add(node, 'text', `${text(node.tag)}\`\``);
    else if (isTemplate(node) && !ts.isTaggedTemplateExpression(parent)) add(node, 'text', '``');
    else if (ts.isArrayLiteralExpression(node) && node.elements.length > 0 && !isTarget(node))
      add(node, 'literal', '[]');
    else if (ts.isObjectLiteralExpression(node) && node.properties.length > 0 && !isTarget(node))
      add(node, 'literal', '({})');
  }

  visit(tree);
  return mutants.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** On one line, cut off if it gets long. @param {string} text */
function short(text) {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

/** @param {ts.SyntaxKind} kind */
const isLogical = (kind) =>
  kind === SyntaxKind.AmpersandAmpersandToken ||
  kind === SyntaxKind.BarBarToken ||
  kind === SyntaxKind.QuestionQuestionToken;

/** @param {ts.SyntaxKind} kind */
const isComparison = (kind) =>
  (kind >= SyntaxKind.LessThanToken && kind <= SyntaxKind.GreaterThanEqualsToken) ||
  kind === SyntaxKind.EqualsEqualsEqualsToken ||
  kind === SyntaxKind.ExclamationEqualsEqualsToken;

/** @param {ts.Node} node */
const isUndefined = (node) => ts.isIdentifier(node) && node.text === 'undefined';

/** @param {ts.Node} node */
const isTemplate = (node) => ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);

/** Whether a node is text for certain, so that + joins. @param {ts.Node} node @returns {boolean} */
const isText = (node) =>
  ts.isStringLiteral(node) ||
  isTemplate(node) ||
  ts.isTaggedTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

/** Whether a statement is the last of its function. @param {ts.Node} node */
const isLast = (node) =>
  ts.isBlock(node.parent) && node.parent.statements.at(-1) === node && ts.isFunctionLike(node.parent.parent);

/** Whether a literal is the name of a property. @param {ts.Node} node */
const isName = (node) => 'name' in node.parent && node.parent.name === node;

/** Whether an array or object is a destructuring target. @param {ts.Node} node */
function isTarget(node) {
  const { parent } = node;
  if (ts.isBinaryExpression(parent))
    return parent.left === node && parent.operatorToken.kind === SyntaxKind.EqualsToken;
  return ts.isForOfStatement(parent) && parent.initializer === node;
}

/** Whether a node exists only for the compiler. @param {ts.Node} node */
function isTypeOnly(node) {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return true;
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

/** The function, method or constant that a node belongs to, with its class. @param {ts.Node} node */
function functionName(node) {
  const names = [];
  for (let at = node.parent; at !== undefined; at = at.parent) {
    const isNamed =
      ts.isFunctionDeclaration(at) ||
      ts.isMethodDeclaration(at) ||
      ts.isGetAccessor(at) ||
      ts.isSetAccessor(at) ||
      ts.isClassDeclaration(at) ||
      ts.isPropertyDeclaration(at) ||
      (ts.isVariableDeclaration(at) && (isTopLevel(at) || isFunction(at.initializer)));
    if (isNamed) names.unshift(at.name?.getText() ?? 'default');
    else if (ts.isConstructorDeclaration(at)) names.unshift('constructor');
  }
  return names.join('.') || 'the module';
}

/** @param {ts.Node} node */
const isTopLevel = (node) => ts.isSourceFile(node.parent.parent.parent);

/** @param {ts.Node | undefined} node */
const isFunction = (node) =>
  node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
