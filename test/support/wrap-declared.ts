import type { Circus } from '@jest/types'
import { addEventHandler } from 'jest-circus'

type Declared = Circus.Hook | Circus.TestEntry

/** Runs each test and hook inside of `around`; it is wrapped as the file that declares it is loaded. */
export function wrapDeclared(around: (run: () => Promise<void>) => Promise<void>): void {
  addEventHandler(({ name }, { currentDescribeBlock: { children, hooks } }) => {
    const child = children.at(-1)
    if (name === 'add_hook') wrap(hooks.at(-1), around)
    if (name === 'add_test' && child?.type === 'test') wrap(child, around)
  })
}

function wrap(declared: Declared | undefined, around: (run: () => Promise<void>) => Promise<void>): void {
  const run = declared?.fn
  if (!run) return
  declared.fn = () =>
    around(async () => {
      await Reflect.apply(run, undefined, [])
    })
}
