import { Badge } from '@mantine/core'
import type { PassAttributes } from '../api/passes.ts'
import { STATUS_LABELS } from './labels.ts'

export type PassStatus = PassAttributes['status']

const COLORS: Readonly<Record<PassStatus, string>> = {
  active: 'green',
  expiring: 'yellow',
  scheduled: 'blue',
  expired: 'red',
  inactive: 'gray',
}

/** The status of a pass: a word, and a colour that says the same. */
export function StatusBadge({ status }: { readonly status: PassStatus }) {
  return (
    <Badge variant="light" color={COLORS[status]} tt="none" style={{ flexShrink: 0 }}>
      {STATUS_LABELS[status]}
    </Badge>
  )
}
