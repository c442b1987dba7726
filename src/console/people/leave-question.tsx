import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { accountQuery } from '../api/account.ts'
import { leaveOrganization } from '../api/members.ts'
import { useOrganization } from '../layout/where.ts'
import { Confirm } from '../shared/confirm.tsx'
import { tell } from '../shared/tell.ts'

/** Asks before somebody leaves the organization, and has them leave. */
export function LeaveQuestion({ opened, onClose }: LeaveQuestionProps) {
  const { id, name } = useOrganization()
  const client = useQueryClient()
  const navigate = useNavigate()
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Leave ${name}?`}
      action="Leave the organization"
      danger
      onConfirm={async () => {
        await leaveOrganization(id)
        // Before anything else asks for what is not theirs any more.
        await navigate({ to: '/account' })
        await client.invalidateQueries({ queryKey: accountQuery.queryKey })
        tell(`You have left ${name}.`)
      }}
    >
      You see nothing of it any more, from now on. Another owner can invite you again.
    </Confirm>
  )
}

interface LeaveQuestionProps {
  readonly opened: boolean
  readonly onClose: () => void
}
