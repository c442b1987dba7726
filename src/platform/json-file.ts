import { readFileSync } from 'node:fs'
import { z } from 'zod'

/**
 * Makes the transformation of a setting that names a JSON file into what the file says.
 * @param wanted what the setting must be, for who has set it to something else
 */
export function jsonFile<Content>(content: z.ZodType<Content>, wanted = 'the path of a JSON file') {
  return (file: string, context: z.RefinementCtx): Content => {
    try {
      const parsed = content.safeParse(JSON.parse(readFileSync(file, 'utf8')))
      if (parsed.success) return parsed.data
      const faults = parsed.error.issues.map(({ path, message }) =>
        [path.join('.'), message].join(' ').trim(),
      )
      context.addIssue(`${file} is not usable: ${faults.join('; ')}`)
    } catch (error) {
      context.addIssue(`must be ${wanted}: ${error instanceof Error ? error.message : String(error)}`)
    }
    return z.NEVER
  }
}
