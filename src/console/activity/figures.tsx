import { Paper, SimpleGrid, Skeleton, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Figures } from '../api/activity.ts'

const NUMBER = new Intl.NumberFormat()
const PERCENT = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const MILLISECONDS = new Intl.NumberFormat(undefined, {
  style: 'unit',
  unit: 'millisecond',
  maximumFractionDigits: 1,
})

export const formatNumber = (value: number) => NUMBER.format(value)
export const formatPercent = (share: number) => PERCENT.format(share)
export const formatMs = (value: number) => MILLISECONDS.format(value)

const FAST_MS = 200
const SLOW_MS = 500
const MANY_ERRORS = 0.05

/** Figures side by side. */
export function FigureGrid({ cols, children }: { readonly cols: number; readonly children: ReactNode }) {
  return <SimpleGrid cols={{ base: 2, md: cols }}>{children}</SimpleGrid>
}

/** One figure. @param children undefined: it is not there yet */
export function Figure({ label, note, color, children }: FigureProps) {
  return (
    <Paper withBorder p="md" role="group" aria-label={label}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {children === undefined ? (
        <Skeleton height={31} width="60%" />
      ) : (
        <Text
          component="div"
          fz={20}
          fw={650}
          {...(color ? { c: `var(--mantine-color-${color}-text)` } : {})}
        >
          {children}
        </Text>
      )}
      {note && (
        <Text component="div" size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Paper>
  )
}

interface FigureProps {
  readonly label: string
  readonly note?: ReactNode
  readonly color?: 'green' | 'yellow' | 'red' | undefined
  readonly children: ReactNode
}

/** Up to 200 ms is good, beyond 500 is not. */
export function latencyColor({ avg_latency_ms: latency, total_requests: total }: Figures) {
  if (total === 0) return undefined
  if (latency < FAST_MS) return 'green'
  return latency <= SLOW_MS ? 'yellow' : 'red'
}

/** What share of the requests succeeded, from 0 to 1; undefined where there were none. */
export function successRate(figures: Pick<Figures, 'success_count' | 'total_requests'>): number | undefined {
  return figures.total_requests === 0 ? undefined : figures.success_count / figures.total_requests
}

/** Requests and how they went. */
export function OutcomeFigures({ figures }: { readonly figures: Figures | undefined }) {
  const rate = figures && successRate(figures)
  return (
    <>
      <Figure label="Total requests">{figures && formatNumber(figures.total_requests)}</Figure>
      <Figure
        label="Success rate"
        color={rate === undefined ? undefined : 1 - rate > MANY_ERRORS ? 'red' : 'green'}
      >
        {figures && (rate === undefined ? '–' : formatPercent(rate))}
      </Figure>
    </>
  )
}

/** How fast, how broad, how often wrong. */
export function PerformanceFigures({ figures }: { readonly figures: Figures | undefined }) {
  const any = figures !== undefined && figures.total_requests > 0
  const errorRate = any ? figures.error_count / figures.total_requests : 0
  const tooMany = errorRate > MANY_ERRORS
  return (
    <>
      <Figure label="Average latency" color={figures && latencyColor(figures)}>
        {figures && (any ? formatMs(figures.avg_latency_ms) : '–')}
      </Figure>
      <Figure label="P95 latency">{figures && (any ? formatMs(figures.p95_latency_ms) : '–')}</Figure>
      <Figure label="Unique endpoints">{figures && formatNumber(figures.unique_endpoints)}</Figure>
      <Figure
        label="Error rate"
        color={tooMany ? 'red' : undefined}
        note={tooMany ? 'Over 5%: look at the failed requests below' : undefined}
      >
        {figures && (any ? formatPercent(errorRate) : '–')}
      </Figure>
    </>
  )
}
