/**
 * A plugin of TypeDoc for the API reference: groups the names of an entry point by the floor of lib/ that defines them,
 * as docs/architecture.md calls it, instead of by interface, class and type.
 */
import { Comment, CommentTag, Converter } from 'typedoc';

/** The heading for each floor. */
const HEADINGS = {
  base: 'Errors',
  engine: 'Engine',
  data: 'Data',
  formats: 'Reading data',
  catalog: 'Named data sets',
  network: 'Networks and training',
  training: 'Networks and training',
  online: 'Learners',
  search: 'Studies',
  hardware: 'Hardware',
  export: 'Export',
  import: 'Import',
  report: 'Reports',
  serve: 'Serving',
};

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const entry of context.project.children ?? []) {
      for (const name of entry.children ?? []) {
        const floor = /(?:^|\/)lib\/(\w+)\//.exec(name.sources?.[0]?.fullFileName ?? '')?.[1] ?? '';
        const heading = HEADINGS[floor];
        if (heading === undefined)
          throw new Error(`${entry.name}: no heading for ${name.name} in lib/${floor}`);
        // A function has a comment for each of its signatures.
        for (const place of name.signatures ?? [name]) {
          place.comment ??= new Comment();
          place.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: heading }]));
        }
      }
    }
  });
}
