import { ApiProblem } from '../api/client.ts'

/**
 * Sorts what the server found wrong by where a form shows it.
 * @param fields of the form, by the names that the API has for them
 * @returns `at`: what to show at each field; `rest`: what no field says, for the form as a whole
 */
export function faultsOf<Field extends string>(
  error: Error | null,
  fields: readonly Field[],
): { readonly at: { readonly [Name in Field]?: string }; readonly rest: Error | null } {
  const faults = error instanceof ApiProblem ? error.faults : []
  const at: { [Name in Field]?: string } = {}
  let placed = 0
  for (const { pointer = '', detail } of faults) {
    const field = fields.find(name => pointer.endsWith(`/${name}`))
    if (!field) continue
    at[field] = `This ${detail}`
    placed += 1
  }
  return { at, rest: placed > 0 && placed === faults.length ? null : error }
}
