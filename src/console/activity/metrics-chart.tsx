import '@mantine/charts/styles.css'
import { LineChart } from '@mantine/charts'
import { Paper, ScrollArea, Table, Text } from '@mantine/core'
import type { ActivityMetrics } from '../api/activity.ts'
import { formatMs, formatNumber, formatPercent, successRate } from './figures.tsx'

const HEIGHT = 280
/** What the chart and its frame take, in pixels. */
export const CHART_HEIGHT = 345
const HOUR = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
// Days are those of UTC, as the server counts them.
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })

type Period = ActivityMetrics['data'][number]

/** Requests (blue) and the share of them that succeeded (green) over time, the values also as a table. */
export function MetricsChart({ metrics }: { readonly metrics: ActivityMetrics }) {
  const label = (period: Period) =>
    (metrics.group_by === 'hour' ? HOUR : DAY).format(new Date(period.period_start))
  const points = metrics.data.map(period => {
    const rate = successRate(period)
    return {
      ...period,
      label: label(period),
      total_requests: period.total_requests,
      success: rate === undefined ? null : Math.round(rate * 1000) / 10,
    }
  })
  return (
    <Paper withBorder p="md">
      <div role="img" aria-label={summaryOf(metrics)}>
        <LineChart
          h={HEIGHT}
          data={points}
          dataKey="label"
          curveType="monotone"
          withLegend
          withRightYAxis
          connectNulls
          legendProps={{ verticalAlign: 'top' }}
          yAxisProps={{ allowDecimals: false, width: 48 }}
          rightYAxisProps={{ domain: [0, 100], unit: '%', width: 48 }}
          series={[
            { name: 'total_requests', label: 'Requests', color: 'blue.6' },
            { name: 'success', label: 'Success rate', color: 'green.7', yAxisId: 'right' },
          ]}
          tooltipProps={{
            content: ({ label: shown }) => {
              const point = points.find(one => one.label === shown)
              return point ? <Values period={point} label={point.label} /> : null
            },
          }}
        />
      </div>
      <details>
        <summary>The values as a table</summary>
        <ScrollArea>
          <Table striped>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{metrics.group_by === 'hour' ? 'Hour from' : 'Day (UTC)'}</Table.Th>
                <Table.Th>Requests</Table.Th>
                <Table.Th>Successes</Table.Th>
                <Table.Th>Errors</Table.Th>
                <Table.Th>Average</Table.Th>
                <Table.Th>P95</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {metrics.data.map(period => (
                <Table.Tr key={period.period_start}>
                  <Table.Th scope="row">{label(period)}</Table.Th>
                  <Table.Td>{formatNumber(period.total_requests)}</Table.Td>
                  <Table.Td>{formatNumber(period.success_count)}</Table.Td>
                  <Table.Td>{formatNumber(period.error_count)}</Table.Td>
                  <Table.Td>{formatMs(period.avg_latency_ms)}</Table.Td>
                  <Table.Td>{formatMs(period.p95_latency_ms)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      </details>
    </Paper>
  )
}

function Values({ period, label }: { readonly period: Period; readonly label: string }) {
  const rate = successRate(period)
  return (
    <Paper withBorder px="md" py="sm" shadow="md">
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <Text size="sm">{formatNumber(period.total_requests)} requests</Text>
      <Text size="sm">
        {formatNumber(period.success_count)} succeeded{rate === undefined ? '' : ` (${formatPercent(rate)})`}
      </Text>
      <Text size="sm">{formatNumber(period.error_count)} failed</Text>
      <Text size="sm">{formatMs(period.avg_latency_ms)} on average</Text>
    </Paper>
  )
}

function summaryOf({ summary, data }: ActivityMetrics): string {
  const rate = successRate(summary)
  const succeeded = rate === undefined ? '' : `, ${formatPercent(rate)} of them successful`
  return `Chart of ${data.length} periods: ${formatNumber(summary.total_requests)} requests${succeeded}. The table below has the values.`
}
