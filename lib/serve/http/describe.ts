import type { ServedColumn } from '../model/served-model.js';
import type { ModelFacts } from '../service.js';

type Json = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, Json>> = {
  number: { type: 'number' },
  category: { type: ['string', 'boolean', 'number'] },
  text: { type: 'string' },
  date: { type: 'string', description: 'an ISO date' },
};

/** The JSON Schema of a row. Columns of a learner are those that it has seen; further ones are welcome. */
export function rowSchema(model: ModelFacts): Json {
  const columns = model.columns();
  if (columns === undefined)
    return { $schema: DIALECT, title: 'row', type: 'array', items: { type: 'number' } };
  const required = columns.filter((column) => column.required).map(({ name }) => name);
  return {
    $schema: DIALECT,
    title: 'row',
    type: model.kind === 'learner' ? ['object', 'array'] : 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, typeOf(column)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: model.kind === 'learner',
  };
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

function typeOf({ kinds, required, values }: ServedColumn): Json {
  if (values !== undefined) return { enum: values };
  const types = kinds.map((kind) => TYPES[kind] ?? {});
  const all = required ? types : [...types, { type: 'null' }];
  return all.length === 1 ? (all[0] as Json) : { anyOf: all };
}

/** What is sent as the target of a row. */
function targetSchema(model: ModelFacts): Json {
  const each = model.targets.map(
    (kind): Json =>
      kind === 'class'
        ? { type: ['string', 'boolean', 'number'] }
        : kind === 'number'
          ? { type: 'number' }
          : { type: 'array', items: { type: 'number' } },
  );
  return each.length === 1 ? (each[0] as Json) : { type: 'array', prefixItems: each };
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const lines = { 'application/x-ndjson': { schema: { type: 'string' } } };

function errors(...statuses: readonly (readonly [number, string])[]): Json {
  return Object.fromEntries(
    statuses.map(([status, description]) => [status, { description, content: json(ref('Error')) }]),
  );
}

/** The OpenAPI description of a server. */
export function openApi(model: ModelFacts, version: string, isReader: boolean): Json {
  const object = (properties: Json, required: readonly string[] = Object.keys(properties)): Json => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });
  const row = ref('Row');
  const target = ref('Target');
  const lesson = { oneOf: [object({ row, target }), object({ ticket: { type: 'string' }, target })] };
  const tickets = { type: 'boolean', default: false };
  const refused = errors(
    [400, 'the row is refused; nothing was learned'],
    [413, 'the body is too large'],
    [415, 'the body is neither JSON nor NDJSON'],
  );
  const get = (summary: string, content: Json, more: Json = {}): Json => ({
    get: { summary, responses: { 200: { description: summary, content }, ...more } },
  });
  return {
    openapi: '3.1.0',
    info: { title: 'sparse-train serve', version },
    paths: {
      '/predict': {
        post: {
          summary: 'predict one row, or several',
          requestBody: {
            required: true,
            content: {
              ...json({
                oneOf: [
                  object({ row, tickets }, ['row']),
                  object({ rows: { type: 'array', items: row }, tickets }, ['rows']),
                ],
              }),
              ...lines,
            },
          },
          responses: {
            200: {
              description: 'the prediction, or { "predictions": [...] }',
              content: { ...json({ type: 'object' }), ...lines },
            },
            ...refused,
          },
        },
      },
      ...(isReader
        ? {}
        : {
            '/learn': {
              post: {
                summary: 'learn the truth of one row or several; answered once it cannot be lost',
                requestBody: {
                  required: true,
                  content: {
                    ...json({ oneOf: [lesson, object({ rows: { type: 'array', items: lesson } })] }),
                    ...lines,
                  },
                },
                responses: {
                  200: {
                    description: 'what was predicted before, and the loss',
                    content: { ...json({ type: 'object' }), ...lines },
                  },
                  ...refused,
                  ...errors(
                    [429, 'too many rows wait; Retry-After says when to try again'],
                    [503, 'the disk is full or fails'],
                  ),
                },
              },
            },
            '/snapshot': {
              post: {
                summary: 'write the model to its file',
                responses: { 200: { description: 'the snapshot', content: json({ type: 'object' }) } },
              },
            },
          }),
      '/schema': get('the JSON Schema of a row', json({ type: 'object' })),
      '/openapi.json': get('this description', json({ type: 'object' })),
      '/metrics': get('counters for Prometheus', { 'text/plain': { schema: { type: 'string' } } }),
      '/model': get(
        'the latest snapshot, with an ETag',
        { 'application/octet-stream': {} },
        { 304: { description: 'unchanged' } },
      ),
      '/healthz': get('whether the process runs', json({ type: 'object' })),
      '/readyz': get(
        'whether it predicts and learns',
        json({ type: 'object' }),
        errors([503, 'it does not']),
      ),
    },
    components: {
      schemas: {
        Row: rowSchema(model),
        Target: targetSchema(model),
        Error: object({
          error: object({ code: { type: 'string' }, message: { type: 'string' } }),
        }),
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}
