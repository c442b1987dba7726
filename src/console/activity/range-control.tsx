import { SegmentedControl } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import { useLogSearch } from './activity-table.tsx'
import { DEFAULT_RANGE, RANGES, rangeOf } from './ranges.ts'

/** Chooses the range of the metrics, which is in the address. */
export function RangeControl() {
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
  const change = useLogSearch()
  return (
    <SegmentedControl
      aria-label="Time range"
      data={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
      value={range}
      onChange={value => change({ range: rangeOf(value) })}
    />
  )
}
