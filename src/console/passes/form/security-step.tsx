import { Collapse, Group, Select, SimpleGrid, Text, TextInput, UnstyledButton } from '@mantine/core'
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { passOptionsQuery, projectOptionsQuery } from '../../api/passes.ts'
import { useOrganization, usePlace } from '../../layout/where.ts'
import { ListInput } from '../../shared/list-input.tsx'
import { CREDENTIAL_TYPE_LABELS, optionsOf, USAGE_TYPE_LABELS } from '../labels.ts'
import { AccessLevelChoice } from './access-level-choice.tsx'
import { AdvancedFields } from './advanced-fields.tsx'
import { FieldGroup } from './field-group.tsx'
import { ADVANCED_FIELDS, usePassFormContext } from './pass-form.ts'
import { ValidityFields } from './validity-fields.tsx'

/** Every setting of the pass; while it is made, each with its default. */
export function SecurityStep({ ownScopes, editing = false }: SecurityStepProps) {
  return (
    <>
      <Basics editing={editing} />
      <ValidityFields />
      <Access ownScopes={ownScopes} editing={editing} />
      <Advanced editing={editing} />
    </>
  )
}

interface SecurityStepProps extends Partial<Editing> {
  /** Whether the person may grant this server's own scopes. */
  readonly ownScopes: boolean
}

interface Editing {
  /** What is emptied then stays empty: no default comes in its place. */
  readonly editing: boolean
}

function Basics({ editing }: Editing) {
  const form = usePassFormContext()
  const { name } = useOrganization()
  return (
    <FieldGroup name="Basics">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          {...form.getInputProps('passId')}
          label="Pass ID"
          description="A name that people can read aloud."
          placeholder={editing ? '' : 'Generated if empty'}
          autoComplete="off"
          onChange={event => form.setFieldValue('passId', event.currentTarget.value.toUpperCase().trim())}
        />
        <TextInput
          {...form.getInputProps('organization')}
          label="Organization"
          description="Shown on the pass."
          placeholder={editing ? '' : name}
          maxLength={100}
        />
        <Select
          {...form.getInputProps('usageType')}
          label="Usage type"
          data={optionsOf(USAGE_TYPE_LABELS)}
          allowDeselect={false}
        />
        <Select
          {...form.getInputProps('credentialType')}
          label="Credential type"
          data={optionsOf(CREDENTIAL_TYPE_LABELS)}
          allowDeselect={false}
        />
      </SimpleGrid>
      <ListInput
        {...form.getInputProps('tags')}
        spaces
        mt="md"
        label="Tags"
        description="To find and to filter by. End each with Enter or a comma."
      />
    </FieldGroup>
  )
}

function Access({ ownScopes, editing }: Required<SecurityStepProps>) {
  const form = usePassFormContext()
  const { permissions, scopes } = form.values
  const byDefault = `The permissions: ${permissions.join(', ') || 'none'}`
  const { data } = useSuspenseQuery(passOptionsQuery)
  const { data: options } = useQuery(projectOptionsQuery(usePlace()))
  const described = new Map(data.scopes.map(({ scope, description }) => [scope, description]))
  for (const { scopes: known } of options?.resources ?? [])
    for (const { name, description } of known) described.set(name, description)
  return (
    <FieldGroup name="Access">
      <AccessLevelChoice />
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="md">
        <ListInput
          {...form.getInputProps('permissions')}
          label="Permissions"
          description="What the agent is for, such as read or write."
        />
        <ListInput
          {...form.getInputProps('scopes')}
          data={[...described.keys()]}
          renderOption={({ option: { value } }) => (
            <div>
              <Text size="sm">{value}</Text>
              <Text size="xs" c="dimmed">
                {described.get(value)}
              </Text>
            </div>
          )}
          label="Scopes"
          description="What its tokens can carry, such as read:data."
          placeholder={scopes.length > 0 ? '' : editing ? 'None' : byDefault}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed" mt="xs">
        {ownScopes
          ? 'Scopes that begin with passes: or activity: open this server’s own API to the agent.'
          : 'Scopes that begin with passes: or activity: open this server’s own API. It takes an admin to grant them.'}
      </Text>
    </FieldGroup>
  )
}

function Advanced({ editing }: Editing) {
  const { errors } = usePassFormContext()
  const [opened, setOpened] = useState(false)
  const id = useId()
  // A fault is not left where nobody looks.
  const open = opened || ADVANCED_FIELDS.some(name => errors[name])
  return (
    <div>
      <UnstyledButton aria-expanded={open} aria-controls={id} onClick={() => setOpened(!open)}>
        <Group gap="xs">
          {open ? <ChevronDownIcon /> : <ChevronRightIcon />}
          <Text span fw={600}>
            Advanced
          </Text>
          <Text span size="sm" c="dimmed">
            tokens, networks, keys, notes
          </Text>
        </Group>
      </UnstyledButton>
      <Collapse id={id} expanded={open}>
        <AdvancedFields editing={editing} />
      </Collapse>
    </div>
  )
}
