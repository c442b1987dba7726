import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core'
import { PencilIcon } from '@primer/octicons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type PassAttributes, updatePass } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Facts } from '../../shared/facts.tsx'
import { Failure } from '../../shared/failure.tsx'
import { ListInput } from '../../shared/list-input.tsx'
import { Section } from '../../shared/section.tsx'
import { tell } from '../../shared/tell.ts'
import { faultsByField } from '../form/pass-form.ts'
import { Badges } from './badges.tsx'
import { usePass } from './use-pass.ts'
import { ValidityPeriod, ValidityWarning } from './validity.tsx'

/** What the agent of the pass may do, and for how long. */
export function PermissionsTab() {
  const { pass } = usePass()
  const { may } = useOrganization()
  const [editing, setEditing] = useState(false)
  const { attributes } = pass
  return (
    <Stack>
      <ValidityWarning attributes={attributes} />
      <Section title="Access">
        <Facts
          of={{
            'Access level': <AccessIndicator indicator={attributes.accessIndicator} />,
            Capabilities: <Badges of={attributes.capabilities} />,
            Validity: <ValidityPeriod attributes={attributes} />,
          }}
        />
      </Section>
      <Section
        title="Scopes and permissions"
        lead="Scopes are what tokens can be granted. Permissions are what introspection tells resource servers of the pass."
        actions={
          may('passes.update') &&
          !editing && (
            <Button variant="default" leftSection={<PencilIcon />} onClick={() => setEditing(true)}>
              Edit
            </Button>
          )
        }
      >
        {editing ? (
          <ScopeForm onDone={() => setEditing(false)} />
        ) : (
          <>
            <ScopeTable title="Scopes" names={attributes.scopes} labels={attributes.scopeDescriptions} />
            <ScopeTable
              title="Permissions"
              names={attributes.permissions}
              labels={attributes.scopeDescriptions}
            />
          </>
        )}
      </Section>
    </Stack>
  )
}

const INDICATORS: Readonly<
  Record<
    PassAttributes['accessIndicator'],
    { readonly color: string; readonly label: string; readonly says: string }
  >
> = {
  standard: { color: 'blue', label: 'Standard', says: 'the scopes are the permissions' },
  elevated: { color: 'yellow', label: 'Elevated', says: 'premium or enterprise access' },
  custom: { color: 'violet', label: 'Custom', says: 'the scopes differ from the permissions' },
}

function AccessIndicator({ indicator }: { readonly indicator: PassAttributes['accessIndicator'] }) {
  const { color, label, says } = INDICATORS[indicator]
  return (
    <Group gap="sm" component="span">
      <Badge color={color} variant="light" tt="none">
        {label}
      </Badge>
      <Text span size="sm">
        {says}
      </Text>
    </Group>
  )
}

function ScopeTable({ title, names, labels }: ScopeTableProps) {
  return (
    <Table aria-label={title} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="40%">{title}</Table.Th>
          <Table.Th>What it allows</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {names.length === 0 && (
          <Table.Tr>
            <Table.Td colSpan={2}>None</Table.Td>
          </Table.Tr>
        )}
        {names.map(name => (
          <Table.Tr key={name}>
            <Table.Td ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Table.Td>
            <Table.Td>{labels[name]}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface ScopeTableProps {
  readonly title: string
  readonly names: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

function ScopeForm({ onDone }: { readonly onDone: () => void }) {
  const { place, pass, etag, change } = usePass()
  const [read] = useState(etag)
  const [scopes, setScopes] = useState(pass.attributes.scopes)
  const [permissions, setPermissions] = useState(pass.attributes.permissions)
  const saving = useMutation({
    mutationFn: () => change(() => updatePass(place, pass.id, { scopes, permissions }, read)),
    onSuccess: () => {
      tell('The scopes count from the next token on; a live token keeps what it was granted.')
      onDone()
    },
  })
  const faults = faultsByField(saving.error, { scopes, permissions })
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        saving.mutate()
      }}
    >
      <Stack>
        <ListInput
          label="Scopes"
          description="Such as read:data. Enter, a comma or a space ends one."
          value={scopes}
          onChange={setScopes}
          error={faults?.scopes}
        />
        <ListInput
          label="Permissions"
          value={permissions}
          onChange={setPermissions}
          error={faults?.permissions}
        />
        {saving.error && !faults && <Failure error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
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
