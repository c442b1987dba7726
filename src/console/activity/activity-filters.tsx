import { Button, Group, Select, TextInput } from '@mantine/core'
import type { ActivityType } from '../../activity/kinds.ts'
import type { LogFilter } from '../api/activity.ts'
import { fromLocalInput, toLocalInput } from '../shared/local-time.ts'
import { useSettledText } from '../shared/use-settled-text.ts'

export const TYPE_LABELS: Readonly<Record<ActivityType, string>> = {
  token_generation: 'Token grant',
  api_request: 'API request',
  error: 'Refused grant',
}

const TYPES = Object.entries(TYPE_LABELS).map(([value, label]) => ({ value, label }))
const OUTCOMES = [
  { value: 'true', label: 'Success' },
  { value: 'false', label: 'Failed' },
]
const NONE: LogFilter = {
  activity_type: undefined,
  success: undefined,
  endpoint: undefined,
  start_date: undefined,
  end_date: undefined,
}

/** Narrows the log; what is typed counts half a second later. */
export function ActivityFilters({ filter, onChange }: ActivityFiltersProps) {
  const any = Object.values(filter).some(value => value !== undefined)
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Type"
        w={150}
        data={TYPES}
        value={filter.activity_type ?? null}
        placeholder="Any"
        clearable
        onChange={value => onChange({ activity_type: isType(value) ? value : undefined })}
      />
      <Select
        label="Status"
        w={120}
        data={OUTCOMES}
        value={filter.success === undefined ? null : String(filter.success)}
        placeholder="Any"
        clearable
        onChange={value => onChange({ success: value === null ? undefined : value === 'true' })}
      />
      <TypedFilter
        label="Endpoint contains"
        value={filter.endpoint ?? ''}
        onChange={text => onChange({ endpoint: text === '' ? undefined : text })}
      />
      <TypedFilter
        label="From"
        type="datetime-local"
        value={toLocalInput(filter.start_date)}
        onChange={text => onChange({ start_date: fromLocalInput(text) })}
      />
      <TypedFilter
        label="To"
        type="datetime-local"
        value={toLocalInput(filter.end_date)}
        onChange={text => onChange({ end_date: fromLocalInput(text) })}
      />
      <Button variant="default" disabled={!any} onClick={() => onChange(NONE)}>
        Clear filters
      </Button>
    </Group>
  )
}

interface ActivityFiltersProps {
  readonly filter: LogFilter
  readonly onChange: (change: LogFilter) => void
}

function TypedFilter({ label, value, onChange, type = 'text' }: TypedFilterProps) {
  const [text, typeText] = useSettledText(value, onChange)
  return (
    <TextInput
      label={label}
      type={type}
      value={text}
      onChange={event => typeText(event.currentTarget.value)}
    />
  )
}

interface TypedFilterProps {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly type?: 'text' | 'datetime-local'
}

function isType(value: string | null): value is ActivityType {
  return value !== null && Object.hasOwn(TYPE_LABELS, value)
}
