-- Writes the columns of these chats as their participants say.
update public.accounts_chat c set
  first_read_seq = one.read_seq, first_blocked_at = one.blocked_at,
  second_read_seq = other.read_seq, second_blocked_at = other.blocked_at
from public.accounts_participant one, public.accounts_participant other
where c.id = any (%s::uuid[]) and one.chat_id = c.id and one.user_id = c.first_id
  and other.chat_id = c.id and other.user_id = c.second_id
