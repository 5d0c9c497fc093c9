// `npm run new-package -- NAME "What it is, in one line"`: the files that every package has.
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './workspace.mjs'

const README = (name, description) => `# ${name}

${description}.

\`\`\`sh
npm install ${name}
\`\`\`
`

/** The manifest that all packages have in common, with the name and description of this one. */
function manifestOf(name, description) {
  const template = path.join(ROOT, 'packages', 'errors', 'package.json')
  const manifest = JSON.parse(fs.readFileSync(template, 'utf8'))
  return {
    ...manifest,
    name,
    version: '0.0.0',
    description,
    scripts: {
      ...manifest.scripts,
      test: manifest.scripts.test.replace('packages/errors', `packages/${path.basename(name)}`),
    },
    dependencies: { '@datagram/errors': 'workspace:^' },
    devDependencies: {},
  }
}

function create(folder, description) {
  if (!/^[a-z][a-z0-9-]*$/.test(folder ?? '') || !description) {
    throw new TypeError('usage: npm run new-package -- kebab-case-name "What it is, in one line"')
  }
  const directory = path.join(ROOT, 'packages', folder)
  if (fs.existsSync(directory)) throw new Error(`packages/${folder} is there already`)
  const name = `@datagram/${folder}`
  fs.mkdirSync(path.join(directory, 'src'), { recursive: true })
  fs.mkdirSync(path.join(directory, 'test'))
  const write = (file, text) => fs.writeFileSync(path.join(directory, file), text)
  write('package.json', `${JSON.stringify(manifestOf(name, description), null, 2)}\n`)
  write('README.md', README(name, description.replace(/\.$/, '')))
  for (const file of ['tsconfig.json', 'tsup.config.ts']) {
    fs.copyFileSync(path.join(ROOT, 'packages', 'errors', file), path.join(directory, file))
  }
  console.log(`packages/${folder} is laid out. What is left to you:
  1. its floor, at the top of .dependency-cruiser.cjs
  2. its dependencies, then: npx pnpm install
  3. src/index.ts (exports only), a file for each noun, and a test for each
  4. the example that opens its README
  5. a changeset: npx pnpm changeset`)
}

try {
  create(process.argv[2], process.argv[3])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
