import { NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { projectOptionsQuery } from '../../api/passes.ts'
import { useOrganization, usePlace } from '../../layout/where.ts'
import { ListInput } from '../../shared/list-input.tsx'
import { inWords, useAccessLevels } from '../access-levels.ts'
import { optionsOf, TOKEN_FORMAT_LABELS } from '../labels.ts'
import { usePassFormContext } from './pass-form.ts'

/** What few agents need. @param editing whether the pass is there already, and nothing takes the place of what is emptied */
export function AdvancedFields({ editing }: { readonly editing: boolean }) {
  const form = usePassFormContext()
  const { may } = useOrganization()
  // Other keys are other credentials, as a rotation gives.
  const mayChangeKeys = !editing || may('passes.rotate')
  const { data: options } = useQuery(projectOptionsQuery(usePlace()))
  const longest = useAccessLevels()[form.values.accessLevel].maxTokenTtlSeconds
  return (
    <Stack mt="md">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          {...form.getInputProps('tokenFormat')}
          label="Token format"
          description="Opaque tokens are asked about; a JWT is read where it arrives."
          data={optionsOf(TOKEN_FORMAT_LABELS)}
          allowDeselect={false}
        />
        <NumberInput
          {...form.getInputProps('tokenTtl')}
          label="Token lifetime in seconds"
          description={`Up to what the access level allows: ${longest} (${inWords(longest)}).`}
          placeholder={String(longest)}
          min={1}
          allowDecimal={false}
          clampBehavior="none"
          hideControls
        />
        <ListInput
          {...form.getInputProps('allowedIps')}
          label="Allowed IP addresses"
          description="Addresses or CIDR ranges; empty: any."
          placeholder="203.0.113.0/24"
        />
        <ListInput
          {...form.getInputProps('allowedReferers')}
          label="Allowed referers"
          description="Patterns with *, which stays within the host where it stands there; empty: any."
          placeholder="https://app.example.com/*"
        />
      </SimpleGrid>
      <ListInput
        {...form.getInputProps('resources')}
        data={(options?.resources ?? []).map(({ resource }) => resource)}
        label="Resources"
        description="Resource servers that the agent may ask a token for (RFC 8707)."
        placeholder="https://api.example.com"
      />
      <Textarea
        {...form.getInputProps('jwks')}
        label="Public keys (JWK set)"
        description={
          mayChangeKeys
            ? 'The agent then signs with its private key (private_key_jwt), and the pass gets no secret.'
            : 'What the agent signs with (private_key_jwt). It takes an admin to change it.'
        }
        disabled={!mayChangeKeys}
        placeholder={'{ "keys": [ { "kty": "EC", "crv": "P-256", "x": "…", "y": "…" } ] }'}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          {...form.getInputProps('entityType')}
          label="Entity type"
          description="What kind of thing the pass is for."
          placeholder={editing ? '' : 'project'}
          maxLength={100}
        />
        <TextInput
          {...form.getInputProps('entityId')}
          label="Entity ID"
          description="Which one."
          placeholder={editing ? '' : 'This project'}
          maxLength={200}
        />
      </SimpleGrid>
      <Textarea
        {...form.getInputProps('integrationNotes')}
        label="Integration notes"
        description="Where it is deployed, whom to ask."
        maxLength={2000}
        autosize
        minRows={2}
        maxRows={10}
      />
    </Stack>
  )
}
