import { Code, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AuditResource } from '../api/audit.ts'
import { Facts } from '../shared/facts.tsx'
import { When } from '../shared/when.tsx'

type Fields = AuditResource['attributes']['before']

/** What an act changed, field by field: as it was, and as it is. */
export function Changes({ before, after }: { readonly before: Fields; readonly after: Fields }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort()
  return (
    <Facts
      of={Object.fromEntries(
        names.map(name => [readable(name), <Change key={name} name={name} before={before} after={after} />]),
      )}
    />
  )
}

function Change({
  name,
  before,
  after,
}: {
  readonly name: string
  readonly before: Fields
  readonly after: Fields
}) {
  const was = before && Object.hasOwn(before, name)
  const is = after && Object.hasOwn(after, name)
  return (
    <Stack gap={0}>
      {was && (
        <Text component="del" size="sm" c="dimmed" td={is ? 'line-through' : 'none'}>
          {shown(before[name])}
        </Text>
      )}
      {is && (
        <Text component="ins" size="sm" td="none">
          {shown(after[name])}
        </Text>
      )}
    </Stack>
  )
}

function shown(value: unknown): ReactNode {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return isInstant(value) ? <When at={value} /> : value
  if (Array.isArray(value) && value.every(item => typeof item === 'string'))
    return value.length === 0 ? 'none' : value.join(', ')
  return <Code block>{JSON.stringify(value, null, 2)}</Code>
}

function isInstant(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
}

/** `validUntil` is shown as "Valid until". */
function readable(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
