import { takeDeviations } from './contract-check.ts'
import { wrapDeclared } from './wrap-declared.ts'

// Whatever a test was sent that `/openapi.json` does not say fails that test; hooks make requests as well.
wrapDeclared(async run => {
  // What one that failed for something else has left behind.
  takeDeviations()
  await run()
  const deviations = [...new Set(takeDeviations())]
  if (deviations.length > 0)
    throw new Error(`answers that /openapi.json does not describe:\n  ${deviations.join('\n  ')}`)
})
