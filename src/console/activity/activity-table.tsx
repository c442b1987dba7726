import { Group, Paper, Select, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { exportActivity, type LogFilter, logQuery, type Subject } from '../api/activity.ts'
import { ExportMenu } from '../shared/export-menu.tsx'
import { Failure } from '../shared/failure.tsx'
import { Pages } from '../shared/pages.tsx'
import { ActivityFilters } from './activity-filters.tsx'
import { ActivityLine } from './activity-line.tsx'
import { formatNumber } from './figures.tsx'
import { type LogSearch, PER_PAGE } from './log-search.ts'

const DEFAULT_PER_PAGE = 25
const NARROWEST = 720
const NARROWEST_WITH_AGENTS = 920
const LINE_HEIGHT = 41

interface ActivityTableProps {
  readonly subject: Subject
  /** Who an agent is, where the rows are of many. */
  readonly agentOf?: (agentUserId: string) => ReactNode
}

/** The log of one agent or of a project, its filter and page in the address. */
export function ActivityTable({ subject, agentOf }: ActivityTableProps) {
  const {
    range: _range,
    page = 1,
    per_page = DEFAULT_PER_PAGE,
    ...filter
  }: LogSearch = useSearch({ strict: false })
  const change = useLogSearch()
  const log = useQuery({
    ...logQuery(subject, { ...filter, page, per_page }),
    placeholderData: keepPreviousData,
  })
  return (
    <Paper withBorder p="md" component="section" aria-label="Activity">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            Activity
          </Title>
          <ExportMenu fetchFile={format => exportActivity(subject, filter, format)} />
        </Group>
        <ActivityFilters
          filter={filter}
          ofMany={agentOf !== undefined}
          onChange={next => change({ ...next, page: undefined })}
        />
        {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
        {log.isPending && <Skeleton height={LINE_HEIGHT * (per_page + 1)} />}
        {log.data?.logs.length === 0 && (
          <Text c="dimmed">{log.data.total > 0 ? 'There is nothing on this page.' : emptyText(filter)}</Text>
        )}
        {log.data && log.data.logs.length > 0 && (
          <Table.ScrollContainer
            minWidth={agentOf ? NARROWEST_WITH_AGENTS : NARROWEST}
            aria-busy={log.isPlaceholderData}
          >
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Time</Table.Th>
                  {agentOf && <Table.Th>Pass</Table.Th>}
                  <Table.Th>Endpoint</Table.Th>
                  <Table.Th>Method</Table.Th>
                  <Table.Th>Status</Table.Th>
                  <Table.Th>Duration</Table.Th>
                  <Table.Th>IP address</Table.Th>
                  <Table.Th>
                    <span className="unseen">Details</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {log.data.logs.map(row => (
                  <ActivityLine key={row.id} row={row} agent={agentOf?.(row.agent_user_id)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {log.data && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {formatNumber(log.data.total)}
              {log.data.total_capped ? ' and more' : ''} {log.data.total === 1 ? 'row' : 'rows'}
            </Text>
            <Group gap="sm">
              <Select
                aria-label="Rows on a page"
                w={120}
                data={PER_PAGE.map(size => ({ value: String(size), label: `${size} rows` }))}
                value={String(per_page)}
                allowDeselect={false}
                onChange={value =>
                  change({ per_page: PER_PAGE.find(size => String(size) === value), page: undefined })
                }
              />
              <Pages value={page} total={log.data.total_pages} onChange={next => change({ page: next })} />
            </Group>
          </Group>
        )}
      </Stack>
    </Paper>
  )
}

/** Changes the filter or the page in the address. */
export function useLogSearch(): (change: LogSearch) => void {
  const navigate = useNavigate()
  return change =>
    void navigate({
      to: '.',
      search: before => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    })
}

function emptyText(filter: LogFilter): string {
  return Object.values(filter).some(value => value !== undefined)
    ? 'Nothing matches these filters.'
    : 'Nothing yet. The first token that the agent fetches shows here.'
}
