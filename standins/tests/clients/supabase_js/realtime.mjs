// Scenarios of supabase-js in private rooms: node realtime.mjs <scenario> <protocol version>.
// SUPABASE_URL and PUBLISHABLE_KEY come from the environment. The Python test runs the statements of
// sql(), which it reads from the standard output.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@supabase/supabase-js'
import WebSocket from 'ws'

const { SUPABASE_URL, PUBLISHABLE_KEY } = process.env
const [scenario, vsn] = process.argv.slice(2)
const UNAUTHORIZED = 'Unauthorized: You do not have permissions to read from this Channel topic: '
const sockets = []
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

// Node 20 has no WebSocket of its own.
class Transport extends WebSocket {
  constructor(...args) {
    super(...args)
    sockets.push(this)
  }
}

async function sql(statement, ...params) {
  console.log(JSON.stringify([statement, params]))
  return JSON.parse((await answers.next()).value)
}

function sendFromDatabase(payload, topic = 'chat:1') {
  return sql("select realtime.send(%s, 'message', %s)", JSON.stringify(payload), topic)
}

// A client with a new account, which is a member of the rooms.
async function member(name, ...rooms) {
  const realtime = { transport: Transport, vsn, timeout: 2000, heartbeatIntervalMs: 1000 }
  const auth = { autoRefreshToken: false, persistSession: false }
  const client = createClient(SUPABASE_URL, PUBLISHABLE_KEY, { auth, realtime })
  const { data, error } = await client.auth.signUp({ email: `${name}@example.com`, password: 'secret1' })
  assert.equal(error, null)
  for (const room of rooms) await sql('insert into rooms.members values (%s, %s)', room, data.user.id)
  return client
}

// A channel that collects its states and broadcasts in `states` and `messages`.
function open(client, topic, config = {}, isPrivate = true) {
  const channel = client.channel(topic, { config: { private: isPrivate, ...config } })
  channel.states = []
  channel.messages = []
  channel.on('broadcast', { event: '*' }, (message) => channel.messages.push(message))
  return channel
}

async function joined(channel) {
  channel.subscribe((status, error) => channel.states.push([status, error?.message]))
  await until(() => channel.states.length)
  return channel
}

async function until(condition) {
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(10)) if (await condition()) return
  assert.fail(`not true within 8 seconds: ${condition}`)
}

const texts = (channel) => channel.messages.map(({ payload }) => payload.text)

const scenarios = {
  async members_join_and_strangers_are_refused() {
    const [ana, zoe] = [await member('ana', 'chat:1'), await member('zoe', 'chat:2')]
    const own = await joined(open(ana, 'chat:1'))
    assert.deepEqual(own.states, [['SUBSCRIBED', undefined]])
    const other = await joined(open(zoe, 'chat:1'))
    assert.equal(other.states[0][0], 'CHANNEL_ERROR')
    assert.match(other.states[0][1], new RegExp(UNAUTHORIZED + 'chat:1'))
    await sendFromDatabase({ text: 'hi' })
    await until(() => own.messages.length)
    assert.deepEqual([texts(own), texts(other)], [['hi'], []])
  },

  async row_is_delivered_once_with_its_payload() {
    const ana = await member('ana', 'chat:1')
    const channel = await joined(open(ana, 'chat:1'))
    const big = { id: 'big', text: '你好'.repeat(17_000) }
    await sendFromDatabase({ text: 'Olá, "tudo" bem? 👋' })
    await sendFromDatabase(big)
    await sendFromDatabase({ text: 'last' })
    await until(() => channel.messages.length === 3)
    const [first, second] = channel.messages
    assert.deepEqual([first.event, first.payload.text], ['message', 'Olá, "tudo" bem? 👋'])
    const [[id]] = await sql("select id::text from realtime.messages where payload ->> 'text' like 'Olá%%'")
    assert.deepEqual([first.payload.id, first.meta.id], [id, id])
    assert.deepEqual(second.payload, big)
    await sleep(300)
    assert.equal(channel.messages.length, 3)
  },

  async policy_allows_typing_only() {
    const config = { broadcast: { ack: true } }
    const ana = await joined(open(await member('ana', 'chat:1'), 'chat:1', config))
    const bob = await joined(open(await member('bob', 'chat:1'), 'chat:1', config))
    const typing = { type: 'broadcast', event: 'typing', payload: { text: '...' } }
    const forged = { type: 'broadcast', event: 'message', payload: { text: 'forged' } }
    assert.equal(await ana.send(typing), 'ok')
    assert.equal(await ana.send(forged), 'timed out') // Supabase does not reply either
    assert.equal(await ana.send(typing), 'ok')
    await until(() => bob.messages.length === 2)
    assert.deepEqual(texts(bob), ['...', '...'])
    assert.equal(ana.messages.length, 0)
    assert.deepEqual(await sql('select count(*) from realtime.messages'), [[0]])
  },

  async members_receive_each_presence() {
    const presence = (key) => ({ presence: { key } })
    const [ana, bob] = ['ana', 'bob'].map((name) => member(name, 'chat:1'))
    const left = []
    const first = open(await ana, 'chat:1', presence('ana'))
    first.on('presence', { event: 'leave' }, ({ key }) => left.push(key))
    await joined(first)
    assert.equal(await first.track({ typing: false }), 'ok')
    const second = open(await bob, 'chat:1', presence('bob'))
    second.on('presence', { event: 'sync' }, () => {})
    await joined(second)
    await until(() => second.presenceState().ana?.[0].typing === false)
    assert.equal(await second.track({ typing: true }), 'ok')
    await until(() => first.presenceState().bob?.[0].typing === true)
    assert.equal(await second.untrack(), 'ok')
    await until(() => !first.presenceState().bob && left.length === 1)
    assert.equal(await second.track({ typing: true }), 'ok')
    assert.equal(await second.track({ typing: false }), 'ok')
    const isCurrent = ({ length, 0: only }) => length === 1 && only.typing === false // no former presence stays
    await until(() => isCurrent(first.presenceState().bob ?? []))
    left.length = 0
    sockets[1].terminate()
    await until(() => left.includes('bob'))
  },

  async next_token_keeps_the_channel_of_a_member_only() {
    const ana = await member('ana', 'chat:1')
    const channel = await joined(open(ana, 'chat:1'))
    const renew = async () => {
      const { data, error } = await ana.auth.refreshSession()
      assert.equal(error, null)
      await ana.realtime.setAuth(data.session.access_token)
    }
    await sleep(1100) // tokens issued in one second are equal, and an equal token is not sent
    await renew()
    await sendFromDatabase({ text: 'still here' })
    await until(() => channel.messages.length === 1)
    await sql("delete from rooms.members where topic = 'chat:1'")
    await sleep(1100)
    await renew()
    await until(() => channel.states.at(-1)[0] === 'CLOSED')
    await sendFromDatabase({ text: 'secret' })
    await sleep(500)
    assert.deepEqual(texts(channel), ['still here'])
  },

  async client_reconnects_after_a_lost_socket() {
    const ana = await member('ana', 'chat:1')
    const channel = await joined(open(ana, 'chat:1'))
    sockets[0].terminate()
    await until(() => channel.states.filter(([status]) => status === 'SUBSCRIBED').length === 2)
    await sendFromDatabase({ text: 'back' })
    await until(() => channel.messages.length)
    assert.deepEqual(texts(channel), ['back'])
  },

  async heartbeats_have_replies() {
    const ana = await member('ana')
    const beats = []
    ana.realtime.onHeartbeat((status) => beats.push(status))
    await joined(open(ana, 'lobby', {}, false))
    await until(() => beats.filter((status) => status === 'ok').length >= 5)
    assert.deepEqual(new Set(beats), new Set(['sent', 'ok']))
  },
}

await scenarios[scenario]()
process.exit()
