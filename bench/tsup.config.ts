import { packageBuild } from '../tsup.base.ts'

export default packageBuild({
  entry: ['src/main.ts', 'src/measuring-process.ts', 'src/redis/our-server.ts'],
  dts: false,
  // What is measured is what users install: nothing of it is bundled.
  skipNodeModulesBundle: true,
})
