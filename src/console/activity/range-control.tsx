import { SegmentedControl } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import type { Range } from '../shared/log-search.ts'
import { useLogSearch } from './activity-table.tsx'
import { DEFAULT_RANGE, RANGES } from './ranges.ts'

const NAMES: readonly Range[] = ['24h', '7d', '30d']

/** Chooses the range of the metrics, which is in the address. */
export function RangeControl() {
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
  const change = useLogSearch()
  return (
    <SegmentedControl
      aria-label="Time range"
      data={NAMES.map(value => ({ value, label: RANGES[value].label }))}
      value={range}
      onChange={value => change({ range: NAMES.find(name => name === value) })}
    />
  )
}
