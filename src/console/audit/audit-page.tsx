import { Button, Group, Paper, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type AuditResource, type AuditSubject, auditQuery, exportAudit } from '../api/audit.ts'
import { useOrganization, usePlace } from '../layout/where.ts'
import { ExportMenu } from '../shared/export-menu.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Records } from '../shared/records.tsx'
import { When } from '../shared/when.tsx'
import { actionLabel, actorKind } from './actions.ts'
import { AuditFilters } from './audit-filters.tsx'
import type { AuditSearch } from './audit-search.ts'
import { Changes } from './changes.tsx'

/** What was done to an organization itself: its members, invitations and projects. */
export function OrganizationAuditPage() {
  const { id: orgId, name } = useOrganization()
  return (
    <Audit
      key={orgId}
      subject={{ orgId }}
      lead={`Who did what to the members and projects of ${name}, newest first.`}
    />
  )
}

/** What was done in a project. */
export function ProjectAuditPage() {
  const place = usePlace()
  return (
    <Audit
      key={place.projectId}
      subject={place}
      lead="Who did what to the passes and API keys of this project, newest first."
    />
  )
}

function Audit({ subject, lead }: { readonly subject: AuditSubject; readonly lead: string }) {
  const { page = 1, ...filter }: AuditSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useQuery({ ...auditQuery(subject, filter, page), placeholderData: keepPreviousData })
  const change = (search: AuditSearch) =>
    void navigate({
      to: '.',
      search: before => ({ ...before, ...search }),
      replace: true,
      resetScroll: false,
    })
  const filtered = Object.values(filter).some(value => value !== undefined)
  return (
    <Page
      title="Audit"
      lead={lead}
      actions={<ExportMenu fetchFile={format => exportAudit(subject, filter, format)} />}
    >
      <AuditFilters filter={filter} onChange={next => change({ ...next, page: undefined })} />
      <Loaded query={query} height={480}>
        {({ data, meta }) =>
          data.length === 0 ? (
            <Paper withBorder p="lg">
              {page === 1 ? (
                <Text>{filtered ? 'Nothing matches these filters.' : 'Nothing was done here yet.'}</Text>
              ) : (
                <Group>
                  <Text>There is nothing on this page.</Text>
                  <Button variant="default" onClick={() => change({ page: undefined })}>
                    To the newest
                  </Button>
                </Group>
              )}
            </Paper>
          ) : (
            <>
              <Records
                label="Audit events"
                items={data}
                idOf={event => event.id}
                nameOf={event => `${actionLabel(event.attributes.action)}: ${event.attributes.target.name}`}
                columns={[
                  { label: 'What', cell: event => actionLabel(event.attributes.action) },
                  {
                    label: 'Target',
                    cell: event => event.attributes.target.name || event.attributes.target.id,
                  },
                  { label: 'Who', cell: event => <Who event={event} /> },
                  { label: 'Address', cell: event => event.attributes.clientIp ?? '–' },
                  { label: 'When', cell: event => <When at={event.attributes.createdAt} /> },
                ]}
                details={({ attributes: { before, after } }) =>
                  (before || after) && <Changes before={before} after={after} />
                }
              />
              {meta.total_pages > 1 && (
                <Group justify="space-between">
                  <Text size="sm" c="dimmed">
                    {meta.total}
                    {meta.total_capped ? ' and more' : ''} events
                  </Text>
                  <Pages
                    total={meta.total_pages}
                    value={page}
                    onChange={chosen => void navigate({ to: '.', search: { ...filter, page: chosen } })}
                  />
                </Group>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Who({ event }: { readonly event: AuditResource }) {
  const { type, name } = event.attributes.actor
  const kind = actorKind(type)
  return (
    <>
      {name}
      {kind && (
        <Text span size="sm" c="dimmed">
          {` (${kind})`}
        </Text>
      )}
    </>
  )
}
