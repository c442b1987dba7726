import { Badge, Button, Code, Group, Modal, Paper, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type ApiKeyResource,
  apiKeysQuery,
  deleteApiKey,
  type KeyFields,
  type KeyOwner,
  updateApiKey,
} from '../api/api-keys.ts'
import { useOrganization, usePlace } from '../layout/where.ts'
import { roleTitle } from '../people/roles.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { Records } from '../shared/records.tsx'
import { ShownOnce } from '../shared/shown-once.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { KeyForm } from './key-fields.tsx'
import { NewApiKey } from './new-api-key.tsx'

/** The keys of a project: for programs that manage its passes and read its activity. */
export function ApiKeysPage() {
  const place = usePlace()
  return (
    <Keys
      key={place.projectId}
      owner={place}
      lead="For programs that manage this project’s passes and read its activity. A key may do all of that, and nothing elsewhere."
      reach="Whoever has it has full access to this project."
    />
  )
}

/** The keys of an organization: for programs that make projects and work in all of them. */
export function OrganizationApiKeysPage() {
  const { id: orgId, name } = useOrganization()
  return (
    <Keys
      key={orgId}
      owner={{ orgId }}
      lead={`For programs that make projects of ${name} and work in all of them, each as far as its role goes.`}
      reach="Whoever has it reaches all projects of this organization, as far as its role goes."
    />
  )
}

interface KeysProps {
  readonly owner: KeyOwner
  readonly lead: string
  /** What somebody can do who has a key. */
  readonly reach: string
}

function Keys({ owner, lead, reach }: KeysProps) {
  const { may } = useOrganization()
  const client = useQueryClient()
  const query = useQuery(apiKeysQuery(owner))
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<string>()
  const [changing, setChanging] = useState<ApiKeyResource>()
  const [deleting, setDeleting] = useState<ApiKeyResource>()
  const refresh = () => client.invalidateQueries({ queryKey: apiKeysQuery(owner).queryKey })
  const mayManage = may('projectId' in owner ? 'api_keys.create' : 'organization_api_keys.create')
  const actions = (key: ApiKeyResource) => (
    <Group gap="xs" wrap="nowrap">
      <Button
        size="xs"
        variant="default"
        onClick={() => setChanging(key)}
        aria-label={`Change ${nameOf(key)}`}
      >
        Change
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => setDeleting(key)}
        aria-label={`Delete ${nameOf(key)}`}
      >
        Delete
      </Button>
    </Group>
  )
  return (
    <Page
      title="API keys"
      lead={lead}
      actions={mayManage && <Button onClick={() => setMaking(true)}>Create an API key</Button>}
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
                ...('projectId' in owner ? [] : [{ label: 'Role', cell: roleOf }]),
                { label: 'Created', cell: key => <When at={key.attributes.createdAt} as="date" /> },
                { label: 'Expires', cell: key => <Expiry at={key.attributes.expiresAt} /> },
                { label: 'Last used', cell: key => <When at={key.attributes.lastUsedAt} /> },
              ]}
              actions={mayManage ? actions : undefined}
            />
          )
        }
      </Loaded>
      <NewApiKey
        owner={owner}
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
        warning={`Copy it now: it is not shown again. ${reach}`}
        onClose={() => setMade(undefined)}
      >
        <Stack gap={4}>
          <Text size="sm">A program sends it with each request as a header:</Text>
          <Code>Api-Key: spk_…</Code>
        </Stack>
      </ShownOnce>
      <Modal
        opened={changing !== undefined}
        onClose={() => setChanging(undefined)}
        title={`Change ${changing ? nameOf(changing) : ''}`}
      >
        {changing && (
          <KeyForm
            before={changing.attributes}
            asksRole={false}
            action="Save"
            submit={({ note, expiresAt }) =>
              updateApiKey(owner, changing.id, changesOf(changing, { note, expiresAt }))
            }
            onDone={() => {
              setChanging(undefined)
              tell('The API key is changed.')
            }}
            onSettled={refresh}
            onClose={() => setChanging(undefined)}
          />
        )}
      </Modal>
      <Confirm
        opened={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete ${deleting ? nameOf(deleting) : ''}?`}
        action="Delete the key"
        danger
        onConfirm={async () => {
          if (deleting) await deleteApiKey(owner, deleting.id)
          await refresh()
          tell('The API key is deleted. It is refused from now on.')
        }}
      >
        Programs that use it are refused from their next request on. This cannot be undone.
      </Confirm>
    </Page>
  )
}

/** What was changed: an end that has passed can stay as it is, and not be set. */
function changesOf(
  { attributes }: ApiKeyResource,
  { note, expiresAt }: Pick<KeyFields, 'note' | 'expiresAt'>,
) {
  return { note, ...(expiresAt === attributes.expiresAt ? {} : { expiresAt }) }
}

function roleOf({ attributes }: ApiKeyResource): string {
  return 'role' in attributes ? roleTitle(attributes.role) : ''
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
