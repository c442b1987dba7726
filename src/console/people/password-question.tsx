import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'

/** Asks for the password before an act that an open screen must not be enough for. */
export function PasswordQuestion({ opened, title, ...rest }: PasswordQuestionProps) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title={title}>
      <Question {...rest} />
    </Modal>
  )
}

function Question({ children, action, danger = true, onClose, onPassword }: QuestionProps) {
  const [password, setPassword] = useState('')
  const act = useMutation({ mutationFn: () => onPassword(password), onSuccess: onClose })
  const { at, rest } = faultsOf(act.error, ['password'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        act.mutate()
      }}
    >
      <Stack>
        <Text size="sm">{children}</Text>
        <PasswordInput
          label="Your password"
          required
          autoComplete="current-password"
          value={password}
          error={at.password}
          onChange={event => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          data-autofocus
        />
        {rest && <Failure error={rest} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" {...(danger ? { color: 'red' } : {})} loading={act.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface QuestionProps {
  readonly children: string
  readonly action: string
  /** Whether something is lost by it, as it mostly is. */
  readonly danger?: boolean
  readonly onClose: () => void
  readonly onPassword: (password: string) => Promise<void>
}

interface PasswordQuestionProps extends QuestionProps {
  readonly opened: boolean
  readonly title: string
}
