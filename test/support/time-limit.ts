import type { Circus } from '@jest/types'
import { addEventHandler } from 'jest-circus'

/** Longest that a test or a hook may take: the runner itself would wait for ever for one that hangs. */
const LIMIT_MS = 120_000

// Each test and hook is wrapped as the file that declares it is loaded.
addEventHandler(({ name }, { currentDescribeBlock }) => {
  if (name === 'add_hook') limit(currentDescribeBlock.hooks.at(-1))
  const child = currentDescribeBlock.children.at(-1)
  if (name === 'add_test' && child?.type === 'test') limit(child)
})

function limit(declared: Circus.Hook | Circus.TestEntry | undefined): void {
  const run = declared?.fn
  if (!run) return
  declared.fn = async () => {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS / 1000} s`)), LIMIT_MS)
    })
    try {
      await Promise.race([Reflect.apply(run, undefined, []), tooLong])
    } finally {
      clearTimeout(timer)
    }
  }
}
