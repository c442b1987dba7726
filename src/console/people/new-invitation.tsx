import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { invite, type OneTimeLink, type Role } from '../api/members.ts'
import { useOrganization } from '../layout/where.ts'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'
import { ROLE_NOTES, ROLE_OPTIONS } from './roles.ts'

/** Asks whom to invite, as what. */
export function NewInvitation({ opened, ...rest }: NewInvitationProps) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="Invite somebody">
      <InvitationForm {...rest} />
    </Modal>
  )
}

function InvitationForm({ onClose, onMade }: Omit<NewInvitationProps, 'opened'>) {
  const { id: orgId } = useOrganization()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('MEMBER')
  const creation = useMutation({ mutationFn: () => invite(orgId, { email, role }), onSuccess: onMade })
  const { at, rest } = faultsOf(creation.error, ['email', 'role'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        creation.mutate()
      }}
    >
      <Stack>
        <TextInput
          type="email"
          label="Email"
          required
          maxLength={254}
          autoComplete="off"
          value={email}
          error={at.email}
          onChange={event => setEmail(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label="Role"
          data={ROLE_OPTIONS}
          value={role}
          allowDeselect={false}
          error={at.role}
          onChange={chosen => chosen && setRole(chosen)}
        />
        <Text size="sm" c="dimmed">
          {`Their role ${ROLE_NOTES[role]}.`}
        </Text>
        {rest && <Failure error={rest} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={creation.isPending}>
            Create the invitation
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface NewInvitationProps {
  readonly opened: boolean
  readonly onClose: () => void
  /** Told the link. */
  readonly onMade: (link: OneTimeLink) => void
}
