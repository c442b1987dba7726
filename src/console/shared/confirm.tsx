import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { asError, Failure } from './failure.tsx'

/** Asks before something that cannot be undone, or that others notice, and does it. */
export function Confirm({
  opened,
  onClose,
  title,
  children,
  action,
  danger,
  typed,
  onConfirm,
}: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Question
        onClose={onClose}
        action={action}
        danger={danger ?? false}
        onConfirm={onConfirm}
        {...(typed === undefined ? {} : { typed })}
      >
        {children}
      </Question>
    </Modal>
  )
}

// Of its own, so that what was typed or went wrong is gone when it is opened again.
function Question({ onClose, children, action, danger, typed, onConfirm }: QuestionProps) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const confirm = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (fault) {
      setError(asError(fault))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        void confirm()
      }}
    >
      <Stack>
        {typeof children === 'string' ? <Text size="sm">{children}</Text> : children}
        {typed !== undefined && (
          <TextInput
            label={
              <>
                Type <b>{typed}</b> to confirm
              </>
            }
            value={text}
            onChange={event => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(danger ? { color: 'red' } : {})}
            loading={busy}
            disabled={typed !== undefined && text !== typed}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface QuestionProps {
  readonly onClose: () => void
  readonly children: ReactNode
  /** What the button says: the act, not "OK". */
  readonly action: string
  readonly danger: boolean
  /** What has to be typed before the button works. */
  readonly typed?: string
  readonly onConfirm: () => Promise<void>
}

interface ConfirmProps extends Omit<QuestionProps, 'danger'> {
  readonly opened: boolean
  readonly title: string
  readonly danger?: boolean
}

/** A note in yellow or red, such as that of a pass about to end. */
export function Warning({
  children,
  severe = false,
}: {
  readonly children: ReactNode
  readonly severe?: boolean
}) {
  return (
    <Alert color={severe ? 'red' : 'yellow'} role="status">
      {children}
    </Alert>
  )
}
