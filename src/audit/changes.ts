/** What an audit event may show of a thing. */
export type AuditedFields = Readonly<Record<string, unknown>>

/** The members that differ, as they were and as they are; undefined where none does. */
export function changesBetween(
  before: AuditedFields,
  after: AuditedFields,
): { before: Record<string, unknown>; after: Record<string, unknown> } | undefined {
  const changed = Object.keys(after).filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  if (changed.length === 0) return undefined
  const pick = (fields: AuditedFields) => Object.fromEntries(changed.map(key => [key, fields[key]]))
  return { before: pick(before), after: pick(after) }
}
