import { Badge, Group, SegmentedControl, Table, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatMs, formatNumber } from '../activity/figures.tsx'
import { RANGES, type Range } from '../activity/ranges.ts'
import type { Place } from '../api/place.ts'
import { type RankedBy, type RankedPass, rankedPassesQuery } from '../api/ranked-passes.ts'
import { LinkText } from '../shared/links.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Section } from '../shared/section.tsx'

const ORDERS: readonly { readonly value: RankedBy; readonly label: string }[] = [
  { value: 'total_requests', label: 'Busiest' },
  { value: 'error_count', label: 'Most failing' },
  { value: 'p95_latency_ms', label: 'Slowest' },
]
const NARROWEST = 480
const HEIGHT = 240

/** The passes of a project that stand out in a range. */
export function RankedPasses({ place, range }: { readonly place: Place; readonly range: Range }) {
  const [by, setBy] = useState<RankedBy>('total_requests')
  const query = useQuery({
    ...rankedPassesQuery(place, RANGES[range], by),
    placeholderData: keepPreviousData,
  })
  return (
    <Section
      title="Passes"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Order of the passes"
          data={[...ORDERS]}
          value={by}
          onChange={value => setBy(ORDERS.find(order => order.value === value)?.value ?? 'total_requests')}
        />
      }
    >
      <Loaded query={query} height={HEIGHT}>
        {passes =>
          passes.length === 0 ? (
            <Text size="sm">No pass did anything in the last {RANGES[range].label}.</Text>
          ) : (
            <Table.ScrollContainer minWidth={NARROWEST}>
              <Table aria-label="Passes that stand out" verticalSpacing={6}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Pass</Table.Th>
                    <Table.Th ta="right">Requests</Table.Th>
                    <Table.Th ta="right">Errors</Table.Th>
                    <Table.Th ta="right">P95 latency</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {passes.map(pass => (
                    <Table.Tr key={pass.agent_user_id}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        <Name pass={pass} place={place} />
                      </Table.Td>
                      <Table.Td ta="right">{formatNumber(pass.total_requests)}</Table.Td>
                      <Table.Td ta="right">{formatNumber(pass.error_count)}</Table.Td>
                      <Table.Td ta="right">{formatMs(pass.p95_latency_ms)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
    </Section>
  )
}

function Name({ pass, place }: { readonly pass: RankedPass; readonly place: Place }) {
  if (pass.deleted)
    return (
      <Group gap="xs">
        {pass.title}
        <Badge color="gray" variant="light" tt="none">
          Deleted
        </Badge>
      </Group>
    )
  return (
    <LinkText
      to="/organizations/$orgId/projects/$projectId/passes/$passId"
      params={{ ...place, passId: pass.id }}
      size="sm"
    >
      {pass.title}
    </LinkText>
  )
}
