/** `node scripts/docstrings.ts`: what packages export without saying what it is. Every name that users import has a docstring. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** The doors of the packages: what their `exports` name as source. */
function doorsOf(repository: string): string[] {
  return readdirSync(join(repository, 'packages')).flatMap((name) => {
    const directory = join(repository, 'packages', name);
    const { exports = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
      exports?: Readonly<Record<string, string | { readonly source?: string }>>;
    };
    const sources = Object.values(exports).map((door) => (typeof door === 'string' ? door : (door.source ?? '')));
    return sources.filter((source) => source.endsWith('.ts')).map((source) => join(directory, source));
  });
}

/** One line for each exported name without a docstring, with the file that has it. */
function undocumentedExports(repository: string): readonly string[] {
  const doors = doorsOf(repository);
  const program = ts.createProgram(doors, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    customConditions: ['source'],
    allowImportingTsExtensions: true,
    noEmit: true,
    // Names and comments are all that is looked at, and these are of no type.
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const lines = doors.flatMap((door) => {
    const source = program.getSourceFile(door);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) return [`${relative(repository, door)} exports nothing`];
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '')) return [];
      const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? door;
      return [`${relative(repository, file)} exports ${exported.name}, and does not say what it is`];
    });
  });
  return [...new Set(lines)].sort();
}

const undocumented = undocumentedExports(join(import.meta.dirname, '..'));
for (const line of undocumented) console.error(line);
if (undocumented.length > 0) process.exitCode = 1;
