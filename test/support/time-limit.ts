import { wrapDeclared } from './wrap-declared.ts'

/** Longest that a test or a hook may take: the runner itself would wait for ever for one that hangs. */
const LIMIT_MS = 120_000

wrapDeclared(async run => {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS / 1000} s`)), LIMIT_MS)
  })
  try {
    await Promise.race([run(), tooLong])
  } finally {
    clearTimeout(timer)
  }
})
