import { Button, Group, Select } from '@mantine/core'
import type { AuditFilter } from '../api/audit.ts'
import { InstantFilter, TypedFilter } from '../shared/typed-filter.tsx'
import { ACTION_CHOICES } from './actions.ts'

const NONE: AuditFilter = {
  action: undefined,
  actor: undefined,
  target: undefined,
  start_date: undefined,
  end_date: undefined,
}

/** Narrows an audit trail; what is typed counts half a second later. */
export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  const any = Object.values(filter).some(value => value !== undefined)
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="What"
        w={230}
        data={ACTION_CHOICES}
        value={filter.action ?? null}
        placeholder="Anything"
        searchable
        clearable
        onChange={value => onChange({ action: value ?? undefined })}
      />
      <TypedFilter label="Target" value={filter.target} onChange={target => onChange({ target })} />
      <TypedFilter label="Who" value={filter.actor} onChange={actor => onChange({ actor })} />
      <InstantFilter
        label="From"
        value={filter.start_date}
        onChange={start_date => onChange({ start_date })}
      />
      <InstantFilter label="To" value={filter.end_date} onChange={end_date => onChange({ end_date })} />
      <Button variant="default" disabled={!any} onClick={() => onChange(NONE)}>
        Clear filters
      </Button>
    </Group>
  )
}

interface AuditFiltersProps {
  readonly filter: AuditFilter
  readonly onChange: (change: AuditFilter) => void
}
