import { addEventHandler } from 'jest-circus'
import { takeDeviations } from './contract-check.ts'

// Whatever a test was sent that `/openapi.json` does not say fails that test; hooks make requests as well.
addEventHandler(({ name }, { currentDescribeBlock }) => {
  const declared =
    name === 'add_hook'
      ? currentDescribeBlock.hooks.at(-1)
      : name === 'add_test'
        ? currentDescribeBlock.children.at(-1)
        : undefined
  if (!declared || !('fn' in declared) || !declared.fn) return
  const run = declared.fn
  declared.fn = async () => {
    // What one that failed for something else has left behind.
    takeDeviations()
    await Reflect.apply(run, undefined, [])
    const deviations = [...new Set(takeDeviations())]
    if (deviations.length > 0)
      throw new Error(`answers that /openapi.json does not describe:\n  ${deviations.join('\n  ')}`)
  }
})
