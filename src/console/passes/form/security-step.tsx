import { Collapse, Group, Select, SimpleGrid, Text, TextInput, UnstyledButton } from '@mantine/core'
import { ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { passOptionsQuery } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { ListInput } from '../../shared/list-input.tsx'
import { optionsOf, USAGE_TYPE_LABELS } from '../labels.ts'
import { CREDENTIAL_TYPE_LABELS } from '../pass-search.ts'
import { AccessLevelChoice } from './access-level-choice.tsx'
import { AdvancedFields } from './advanced-fields.tsx'
import { FieldGroup } from './field-group.tsx'
import { ADVANCED_FIELDS, usePassFormContext } from './pass-form.ts'
import { ValidityFields } from './validity-fields.tsx'

/** Every setting of the pass, each with its default. */
export function SecurityStep({ ownScopes }: { readonly ownScopes: boolean }) {
  return (
    <>
      <Basics />
      <ValidityFields />
      <Access ownScopes={ownScopes} />
      <Advanced />
    </>
  )
}

function Basics() {
  const form = usePassFormContext()
  const { name } = useOrganization()
  return (
    <FieldGroup name="Basics">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          {...form.getInputProps('passId')}
          label="Pass ID"
          description="A name that people can read aloud."
          placeholder="Generated if empty"
          autoComplete="off"
          onChange={event => form.setFieldValue('passId', event.currentTarget.value.toUpperCase().trim())}
        />
        <TextInput
          {...form.getInputProps('organization')}
          label="Organization"
          description="Shown on the pass."
          placeholder={name}
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

function Access({ ownScopes }: { readonly ownScopes: boolean }) {
  const form = usePassFormContext()
  const { permissions, scopes } = form.values
  const { data } = useSuspenseQuery(passOptionsQuery)
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
          data={data.scopes.map(({ scope }) => scope)}
          label="Scopes"
          description="What its tokens can carry, such as read:data."
          placeholder={scopes.length === 0 ? `The permissions: ${permissions.join(', ') || 'none'}` : ''}
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

function Advanced() {
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
        <AdvancedFields />
      </Collapse>
    </div>
  )
}
