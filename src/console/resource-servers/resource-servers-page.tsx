import { Badge, Button, Group, Paper, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  deleteResourceServer,
  type ResourceServerResource,
  resourceServersQuery,
  verifyResourceServer,
} from '../api/resource-servers.ts'
import { useOrganization, usePlace } from '../layout/where.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Failure } from '../shared/failure.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Records } from '../shared/records.tsx'
import { tell } from '../shared/tell.ts'
import { ResourceServerForm } from './resource-server-form.tsx'

/** The resource servers of a project: what tokens of its passes can be for. */
export function ResourceServersPage() {
  const place = usePlace()
  const { may } = useOrganization()
  const client = useQueryClient()
  const [page, setPage] = useState(1)
  const query = useQuery(resourceServersQuery(place, page))
  const [edited, setEdited] = useState<string>()
  const [deleting, setDeleting] = useState<ResourceServerResource>()
  const refresh = async () => {
    const keys = [['projects', place.projectId, 'resource-servers'], ['pass options']]
    await Promise.all(keys.map(queryKey => client.invalidateQueries({ queryKey })))
  }
  const verification = useMutation({
    mutationFn: (id: string) => verifyResourceServer(place, id),
    onSuccess: async () => {
      await refresh()
      tell('The resource server is verified. Tokens can name it.')
    },
  })
  return (
    <Page
      title="Resource servers"
      lead="What tokens can be for. Each belongs to one project, so that nobody else has tokens made for it."
      actions={
        may('resource_servers.create') && (
          <Button onClick={() => setEdited('new')}>Register a resource server</Button>
        )
      }
    >
      {verification.error && <Failure error={verification.error} />}
      <Loaded query={query} height={240}>
        {({ data, meta }) =>
          data.length === 0 ? (
            <Paper withBorder p="lg">
              <Text>There is no resource server. Register each API that checks tokens by itself.</Text>
            </Paper>
          ) : (
            <>
              <Records
                label="Resource servers"
                items={data}
                idOf={({ id }) => id}
                nameOf={({ attributes }) => attributes.title}
                columns={[
                  { label: 'Title', cell: ({ attributes }) => attributes.title },
                  { label: 'Resource', cell: ({ attributes }) => attributes.resource },
                  { label: 'Scopes', cell: ({ attributes }) => attributes.scopes.length },
                  { label: 'State', cell: server => <State server={server} /> },
                ]}
                actions={
                  may('resource_servers.update')
                    ? server => (
                        <Group gap="xs" wrap="nowrap">
                          {server.attributes.verifiedAt === null && (
                            <Button
                              size="xs"
                              loading={verification.isPending}
                              onClick={() => verification.mutate(server.id)}
                              aria-label={`Verify ${server.attributes.title}`}
                            >
                              Verify
                            </Button>
                          )}
                          <Button
                            size="xs"
                            variant="default"
                            onClick={() => setEdited(server.id)}
                            aria-label={`Edit ${server.attributes.title}`}
                          >
                            Edit
                          </Button>
                          <Button
                            size="xs"
                            variant="default"
                            onClick={() => setDeleting(server)}
                            aria-label={`Delete ${server.attributes.title}`}
                          >
                            Delete
                          </Button>
                        </Group>
                      )
                    : undefined
                }
              />
              {meta.total_pages > 1 && <Pages value={page} total={meta.total_pages} onChange={setPage} />}
            </>
          )
        }
      </Loaded>
      <ResourceServerForm
        edited={edited}
        onClose={() => setEdited(undefined)}
        onSaved={async () => {
          setEdited(undefined)
          await refresh()
          tell('The resource server is saved.')
        }}
      />
      <Confirm
        opened={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete ${deleting?.attributes.title ?? ''}?`}
        action="Delete the resource server"
        danger
        onConfirm={async () => {
          if (deleting) await deleteResourceServer(place, deleting.id)
          await refresh()
          tell('The resource server is deleted. No token names it any more.')
        }}
      >
        Passes that list it are granted no more tokens for it, and tokens for it are not active here. This
        cannot be undone.
      </Confirm>
    </Page>
  )
}

function State({ server }: { readonly server: ResourceServerResource }) {
  const { shared, verifiedAt } = server.attributes
  return (
    <Group gap="xs">
      <Badge color={verifiedAt ? 'green' : 'yellow'} variant="light" tt="none">
        {verifiedAt ? 'Verified' : 'Not verified'}
      </Badge>
      {shared && (
        <Badge variant="light" tt="none">
          Shared
        </Badge>
      )}
    </Group>
  )
}
