import { Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { PlusIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type PassFilter, passListQuery } from '../api/passes.ts'
import { useOrganization, usePlace } from '../layout/where.ts'
import { Failure } from '../shared/failure.tsx'
import { LinkButton } from '../shared/links.tsx'
import { Page } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { FirstPass } from './first-pass.tsx'
import { PassCard } from './pass-card.tsx'
import { PassFilters } from './pass-filters.tsx'

const LIST = '/shell/organizations/$orgId/projects/$projectId/passes'
/** Divides by the columns that the cards stand in. */
const PER_PAGE = 24
/** As far as the API goes by pages; a filter finds what is beyond. */
const PAGES_REACH = 10_000
const COLUMNS = { base: 1, md: 2, xl: 3 }
const CARD_HEIGHT = 196

/** The passes of a project, a card each. */
export function PassesPage() {
  const { may } = useOrganization()
  const place = usePlace()
  const filter = useSearch({ from: LIST })
  const navigate = useNavigate({ from: '/organizations/$orgId/projects/$projectId/passes' })
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...passListQuery(place, { ...filter, per_page: PER_PAGE }),
    // Of another project nothing is kept.
    placeholderData: (previous, query) => (query?.queryKey[1] === place.projectId ? previous : undefined),
  })
  const { page = 1, sort_by: by, sort_order: order, ...asked } = filter
  const filtered = Object.keys(asked).length > 0
  const none = data?.meta.total === 0 && !isPlaceholderData
  const change = (changed: PassFilter, replace = false) => void navigate({ search: changed, replace })

  const clear = () => change(by && order ? { sort_by: by, sort_order: order } : {})
  const empty = none && !filtered

  return (
    <Page
      title="Passes"
      lead="Each agent of this project has a pass of its own."
      actions={
        !empty &&
        may('passes.create') && (
          <LinkButton
            to="/organizations/$orgId/projects/$projectId/passes/new"
            params={{ ...place }}
            leftSection={<PlusIcon />}
          >
            Create a Sentinel Pass
          </LinkButton>
        )
      }
    >
      {empty ? (
        <FirstPass />
      ) : (
        <>
          <PassFilters
            filter={filter}
            tags={[...new Set(data?.data.flatMap(pass => pass.attributes.tags))].sort()}
            onChange={change}
          />
          {error && <Failure error={error} onRetry={() => void refetch()} />}
          {none ? (
            <NoMatch onClear={clear} />
          ) : (
            <Stack gap="sm">
              <Group gap="xs" mih={26}>
                <Text size="sm" c="dimmed" role="status">
                  {data && summary(data.meta.total, filtered)}
                  {filter.created_by_pass && `, made by the pass ${filter.created_by_pass}`}
                </Text>
                {filtered && (
                  <Button variant="subtle" size="compact-sm" onClick={clear}>
                    Clear filters
                  </Button>
                )}
              </Group>
              <SimpleGrid component="ul" cols={COLUMNS} m={0} p={0} style={{ listStyle: 'none' }}>
                {data?.data.map(pass => <PassCard key={pass.id} pass={pass} />) ??
                  (!error &&
                    Array.from({ length: 6 }, (_, index) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: they are alike, and stay where they are
                      <Skeleton component="li" key={index} h={CARD_HEIGHT} aria-label="Loading" />
                    )))}
              </SimpleGrid>
            </Stack>
          )}
          {data && (data.meta.total_pages > 1 || page > 1) && (
            <Group justify="center">
              <Pages
                value={page}
                total={Math.min(data.meta.total_pages, Math.floor(PAGES_REACH / data.meta.per_page))}
                disabled={isPlaceholderData}
                onChange={next => {
                  change({ ...filter, page: next })
                  scrollTo({ top: 0 })
                }}
              />
            </Group>
          )}
        </>
      )}
    </Page>
  )
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm">
        <Title order={2} size="h4">
          No pass matches
        </Title>
        <Text c="dimmed" ta="center">
          Search looks at the names of passes and at how their ids begin; each tag that you choose has to be
          on the pass.
        </Text>
        <Button variant="default" onClick={onClear}>
          Clear filters
        </Button>
      </Stack>
    </Paper>
  )
}

function summary(total: number, filtered: boolean): string {
  const count = `${total} ${total === 1 ? 'pass' : 'passes'}`
  if (!filtered) return count
  return `${count} ${total === 1 ? 'matches' : 'match'}`
}
