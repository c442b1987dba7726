import '@mantine/charts/styles.css'
import { LineChart } from '@mantine/charts'
import { Paper, ScrollArea, Table, Text } from '@mantine/core'
import type { ActivityMetrics } from '../api/activity.ts'
import { inUtc, When } from '../shared/when.tsx'
import { formatMs, formatNumber, formatPercent, successRate } from './figures.tsx'

const HEIGHT = 280
/** What the chart and its frame take, in pixels. */
export const CHART_HEIGHT = 345
const HOUR = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
// Days are those of UTC, as the server counts them.
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })

type Period = ActivityMetrics['data'][number]

/** Requests (blue) and the share of them that succeeded (green) over time, the values also as a table. */
export function MetricsChart({ metrics }: { readonly metrics: ActivityMetrics }) {
  const hourly = metrics.group_by === 'hour'
  const points = metrics.data.map(period => {
    const rate = successRate(period)
    return {
      period_start: period.period_start,
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
          dataKey="period_start"
          curveType="monotone"
          withLegend
          withRightYAxis
          connectNulls
          legendProps={{ verticalAlign: 'top' }}
          xAxisProps={{ tickFormatter: start => (hourly ? HOUR : DAY).format(new Date(start)) }}
          yAxisProps={{ allowDecimals: false, width: 48 }}
          rightYAxisProps={{ domain: [0, 100], unit: '%', width: 48 }}
          series={[
            { name: 'total_requests', label: 'Requests', color: 'blue.6' },
            { name: 'success', label: 'Success rate', color: 'green.7', yAxisId: 'right' },
          ]}
          tooltipProps={{
            content: ({ label: start }) => {
              const period = metrics.data.find(one => one.period_start === start)
              return period ? <Values period={period} hourly={hourly} /> : null
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
                <Table.Th>{hourly ? 'Hour from' : 'Day (UTC)'}</Table.Th>
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
                  <Table.Th scope="row">
                    {hourly ? (
                      <When at={period.period_start} as="hour" />
                    ) : (
                      DAY.format(new Date(period.period_start))
                    )}
                  </Table.Th>
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

function Values({ period, hourly }: { readonly period: Period; readonly hourly: boolean }) {
  const rate = successRate(period)
  const start = new Date(period.period_start)
  return (
    <Paper withBorder px="md" py="sm" shadow="md">
      <Text size="sm" fw={600}>
        {hourly ? HOUR.format(start) : `${DAY.format(start)} (UTC)`}
      </Text>
      {hourly && (
        <Text size="xs" c="dimmed">
          {inUtc(period.period_start)}
        </Text>
      )}
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
