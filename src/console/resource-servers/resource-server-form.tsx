import { Button, Group, Modal, NumberInput, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import {
  changeResourceServer,
  createResourceServer,
  type ResourceServerResource,
} from '../api/resource-servers.ts'
import { usePlace } from '../layout/where.ts'
import { Failure } from '../shared/failure.tsx'

/** Registers a resource server, or changes one. */
export function ResourceServerForm({ edited, onClose, onSaved }: FormProps) {
  const title = edited === 'new' ? 'Register a resource server' : 'Edit the resource server'
  return (
    <Modal opened={edited !== undefined} onClose={onClose} title={title}>
      {edited !== undefined && <Fields edited={edited} onClose={onClose} onSaved={onSaved} />}
    </Modal>
  )
}

function Fields({
  edited,
  onClose,
  onSaved,
}: FormProps & { readonly edited: ResourceServerResource | 'new' }) {
  const place = usePlace()
  const before = edited === 'new' ? undefined : edited.attributes
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
      if (edited === 'new') await createResourceServer(place, { ...fields, resource: resource.trim() })
      else await changeResourceServer(place, edited.id, fields)
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
          disabled={edited !== 'new'}
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
  /** Which is edited; undefined: none. */
  readonly edited: ResourceServerResource | 'new' | undefined
  readonly onClose: () => void
  readonly onSaved: () => void
}
