import { Badge, Button, Code, Group, Paper, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type ApiKeyResource, apiKeysQuery, deleteApiKey } from '../api/api-keys.ts'
import { useOrganization, usePlace } from '../layout/where.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { Records } from '../shared/records.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { NewApiKey } from './new-api-key.tsx'

/** The keys of a project: for programs that manage its passes and read its activity. */
export function ApiKeysPage() {
  const place = usePlace()
  const { may } = useOrganization()
  const client = useQueryClient()
  const query = useQuery(apiKeysQuery(place))
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<string>()
  const [deleting, setDeleting] = useState<ApiKeyResource>()
  const refresh = () => client.invalidateQueries({ queryKey: apiKeysQuery(place).queryKey })
  return (
    <Page
      title="API keys"
      lead="For programs that manage this project’s passes and read its activity. A key may do all of that, and nothing elsewhere."
      actions={may('api_keys.create') && <Button onClick={() => setMaking(true)}>Create an API key</Button>}
    >
      <Loaded query={query} height={240}>
        {keys =>
          keys.length === 0 ? (
            <Paper withBorder p="lg">
              <Text>
                There is no API key. Create one for each program that needs one, so that each can end alone.
              </Text>
            </Paper>
          ) : (
            <Records
              label="API keys"
              items={keys}
              idOf={key => key.id}
              nameOf={nameOf}
              columns={[
                { label: 'Note', cell: nameOf },
                { label: 'Created', cell: key => <When at={key.attributes.createdAt} as="date" /> },
                { label: 'Expires', cell: key => <Expiry at={key.attributes.expiresAt} /> },
                { label: 'Last used', cell: key => <When at={key.attributes.lastUsedAt} /> },
              ]}
              actions={
                may('api_keys.delete')
                  ? key => (
                      <Button
                        size="xs"
                        variant="default"
                        onClick={() => setDeleting(key)}
                        aria-label={`Delete ${nameOf(key)}`}
                      >
                        Delete
                      </Button>
                    )
                  : undefined
              }
            />
          )
        }
      </Loaded>
      <NewApiKey
        opened={making}
        onClose={() => setMaking(false)}
        onMade={key => {
          setMaking(false)
          setMade(key)
        }}
        onSettled={refresh}
      />
      <ShownOnce
        value={made}
        title="The new API key"
        label="API key"
        warning="Copy it now: it is not shown again. Whoever has it has full access to this project."
        onClose={() => setMade(undefined)}
      >
        <Stack gap={4}>
          <Text size="sm">A program sends it with each request as a header:</Text>
          <Code>Api-Key: spk_…</Code>
        </Stack>
      </ShownOnce>
      <Confirm
        opened={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete ${deleting ? nameOf(deleting) : ''}?`}
        action="Delete the key"
        danger
        onConfirm={async () => {
          if (deleting) await deleteApiKey(place, deleting.id)
          await refresh()
          tell('The API key is deleted. It is refused from now on.')
        }}
      >
        Programs that use it are refused from their next request on. This cannot be undone.
      </Confirm>
    </Page>
  )
}

function nameOf(key: ApiKeyResource): string {
  return key.attributes.note || 'API key without a note'
}

function Expiry({ at }: { readonly at: string | null }) {
  const expired = at !== null && Date.parse(at) <= Date.now()
  return (
    <Group gap="xs">
      <When at={at} as="date" />
      {expired && (
        <Badge color="red" variant="light" tt="none">
          Expired
        </Badge>
      )}
    </Group>
  )
}
