import { Button, Group, Select } from '@mantine/core'
import type { ActivityType } from '../../record/kinds.ts'
import type { LogFilter } from '../api/activity.ts'
import { InstantFilter, TypedFilter } from '../shared/typed-filter.tsx'

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
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const STATUS_CODES = /^[1-5](\d\d|xx)( *, *[1-5](\d\d|xx))*$/i
// The server judges; this only waits for what could be one.
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i

const NONE: LogFilter = {
  activity_type: undefined,
  success: undefined,
  endpoint: undefined,
  status_code: undefined,
  http_method: undefined,
  client_ip: undefined,
  pass_id: undefined,
  start_date: undefined,
  end_date: undefined,
}

/** Narrows the log; what is typed counts half a second later. */
export function ActivityFilters({ filter, ofMany, onChange }: ActivityFiltersProps) {
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
      {ofMany && (
        <TypedFilter
          label="Pass id"
          placeholder="SP-2030-…"
          value={filter.pass_id}
          onChange={pass_id => onChange({ pass_id })}
        />
      )}
      <TypedFilter
        label="Endpoint contains"
        value={filter.endpoint}
        onChange={endpoint => onChange({ endpoint })}
      />
      <Select
        label="Method"
        w={120}
        data={METHODS}
        value={filter.http_method ?? null}
        placeholder="Any"
        clearable
        onChange={value => onChange({ http_method: value ?? undefined })}
      />
      <TypedFilter
        label="Status code"
        placeholder="404, 5xx"
        value={filter.status_code}
        accepts={text => (STATUS_CODES.test(text) ? undefined : 'Such as 404, 5xx')}
        onChange={text => onChange({ status_code: text?.replaceAll(' ', '') })}
      />
      <TypedFilter
        label="IP address"
        value={filter.client_ip}
        accepts={text => (ADDRESS.test(text) ? undefined : 'A whole address')}
        onChange={client_ip => onChange({ client_ip })}
      />
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

interface ActivityFiltersProps {
  readonly filter: LogFilter
  /** Whether the rows are of many passes. */
  readonly ofMany: boolean
  readonly onChange: (change: LogFilter) => void
}

function isType(value: string | null): value is ActivityType {
  return value !== null && Object.hasOwn(TYPE_LABELS, value)
}
