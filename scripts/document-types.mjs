import path from 'node:path'
import ts from 'typescript'
import { listPackages, ROOT } from './workspace.mjs'

/**
 * Type-checks the TypeScript programs of documents against the sources of the packages, all at once,
 * with the strictness of the house: a reader's compiler is likely to be as strict.
 *
 * @param {readonly { file: string, program: import('./document-blocks.mjs').Program }[]} jobs
 * @returns {string[]} what is wrong, each with its place in the document
 */
export function findTypeFaults(jobs) {
  const sources = new Map()
  for (const { file, program } of jobs) {
    if (!program.isTyped) continue
    // Beside the document, so that a package's README finds the dependencies of its package.
    const place = path.resolve(
      ROOT,
      path.dirname(file),
      `example-${path.basename(file)}-${program.line}.ts`,
    )
    sources.set(place, { file, code: program.code })
  }
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.readFile = (name) => sources.get(name)?.code ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) =>
    sources.has(name)
      ? ts.createSourceFile(name, sources.get(name).code, version)
      : getSourceFile(name, version, ...rest)
  const program = ts.createProgram([...sources.keys()], options, host)
  return [...sources].flatMap(([place, { file }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(place)).map((fault) => {
      const line = fault.file
        ? fault.file.getLineAndCharacterOfPosition(fault.start ?? 0).line + 1
        : 1
      return `${file}:${line}: ${ts.flattenDiagnosticMessageText(fault.messageText, '\n')}`
    }),
  )
}

function compilerOptions() {
  const base = path.join(ROOT, 'tsconfig.base.json')
  const { config } = ts.readConfigFile(base, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, ROOT)
  return {
    ...options,
    noUnusedLocals: false,
    typeRoots: [path.join(ROOT, 'node_modules', '@types')],
    moduleDetection: ts.ModuleDetectionKind.Force,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: Object.fromEntries(
      listPackages().map(({ name, directory }) => [name, [path.join(directory, 'src/index.ts')]]),
    ),
  }
}
