import { Button, Group, Modal, NumberInput, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  changeResourceServer,
  createResourceServer,
  type ReadResourceServer,
  resourceServerQuery,
} from '../api/resource-servers.ts'
import { usePlace } from '../layout/where.ts'
import { Failure } from '../shared/failure.tsx'
import { useIdempotencyKey } from '../shared/idempotency-key.ts'
import { Loaded } from '../shared/loaded.tsx'

/** Registers a resource server, or changes one. */
export function ResourceServerForm({ edited, ...rest }: FormProps) {
  const title = edited === 'new' ? 'Register a resource server' : 'Edit the resource server'
  return (
    <Modal opened={edited !== undefined} onClose={rest.onClose} title={title}>
      {edited === 'new' && <Fields {...rest} />}
      {edited !== undefined && edited !== 'new' && <Edition id={edited} {...rest} />}
    </Modal>
  )
}

/** Reads it as it is now, and whatever is read later leaves what is being edited alone. */
function Edition({ id, ...rest }: Omit<FormProps, 'edited'> & { readonly id: string }) {
  const query = useQuery(resourceServerQuery(usePlace(), id))
  return (
    <Loaded query={query} height={480}>
      {read => <Fields first={read} {...rest} />}
    </Loaded>
  )
}

function Fields({
  first,
  onClose,
  onSaved,
}: Omit<FormProps, 'edited'> & { readonly first?: ReadResourceServer }) {
  const place = usePlace()
  const idempotencyKey = useIdempotencyKey()
  const [edited] = useState(first)
  const before = edited?.server.attributes
  const [resource, setResource] = useState(before?.resource ?? '')
  const [title, setTitle] = useState(before?.title ?? '')
  const [tokenFormat, setTokenFormat] = useState(before?.tokenFormat ?? null)
  const [signingAlg, setSigningAlg] = useState(before?.signingAlg ?? null)
  const [scopes, setScopes] = useState(
    (before?.scopes ?? []).map(({ name, description }) => `${name} ${description}`.trim()).join('\n'),
  )
  const [maxTokenTtl, setMaxTokenTtl] = useState<number | string>(before?.maxTokenTtl ?? '')
  const [shared, setShared] = useState(before?.shared ?? false)
  const saving = useMutation({
    mutationFn: async () => {
      const fields = {
        ...{ tokenFormat, signingAlg, shared, scopes: scopesOf(scopes) },
        maxTokenTtl: typeof maxTokenTtl === 'number' ? maxTokenTtl : null,
        ...(title.trim() ? { title: title.trim() } : {}),
      }
      if (edited) return changeResourceServer(place, edited.server.id, fields, edited.etag)
      const made = { ...fields, resource: resource.trim() }
      return createResourceServer(place, made, idempotencyKey(made))
    },
    onSuccess: onSaved,
  })
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        saving.mutate()
      }}
    >
      <Stack>
        <TextInput
          label="Resource"
          description="The URI that tokens name as their audience (RFC 8707)"
          placeholder="https://ledger.example.com"
          value={resource}
          required
          disabled={edited !== undefined}
          onChange={event => setResource(event.currentTarget.value)}
        />
        <TextInput
          label="Title"
          value={title}
          maxLength={100}
          onChange={event => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label="Scopes"
          description="One a line: the scope, then what it lets an agent do"
          placeholder="entries:write Post entries"
          value={scopes}
          autosize
          minRows={2}
          maxRows={10}
          onChange={event => setScopes(event.currentTarget.value)}
        />
        <Select
          label="Token format"
          placeholder="As the pass has it"
          data={[
            { value: 'opaque', label: 'Opaque' },
            { value: 'jwt', label: 'JWT (RFC 9068)' },
          ]}
          value={tokenFormat}
          clearable
          onChange={value => setTokenFormat(value === 'opaque' || value === 'jwt' ? value : null)}
        />
        <Select
          label="Signing algorithm"
          placeholder="As the server has it"
          data={['ES256', 'EdDSA', 'RS256']}
          value={signingAlg}
          clearable
          onChange={value =>
            setSigningAlg(value === 'ES256' || value === 'EdDSA' || value === 'RS256' ? value : null)
          }
        />
        <NumberInput
          label="Longest token lifetime in seconds"
          placeholder="As the pass has it"
          value={maxTokenTtl}
          min={1}
          allowDecimal={false}
          hideControls
          onChange={setMaxTokenTtl}
        />
        <Switch
          label="Shared with the organization’s other projects"
          checked={shared}
          onChange={event => setShared(event.currentTarget.checked)}
        />
        {saving.error && <Failure error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function scopesOf(lines: string): { name: string; description: string }[] {
  return lines
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
    .map(line => {
      const [name = '', ...words] = line.split(/\s+/)
      return { name, description: words.join(' ') }
    })
}

interface FormProps {
  /** The id of the one that is edited, or `new`; undefined: none. */
  readonly edited: string | undefined
  readonly onClose: () => void
  readonly onSaved: () => void
}
