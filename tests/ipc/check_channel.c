/* check_channel.c - typed messages: sizes and senders are checked. */
#include "ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

static int ends[2];

static void open_channel(void)
{
	ck_assert_int_eq(channel_pair(ends), 0);
}

START_TEST(a_message_arrives_as_it_was_sent)
{
	struct message m;

	open_channel();
	ck_assert_int_eq(channel_receive(ends[1], ROLE_CAPTURE, &m), 0);
	ck_assert_int_eq(
		channel_send_input(ends[0], &(struct msg_input){ .input = 3, .rate_hz = 16000 }),
		0);
	ck_assert_int_eq(channel_receive(ends[1], ROLE_CAPTURE, &m), 1);
	ck_assert_uint_eq(m.type, MSG_INPUT);
	ck_assert_uint_eq(m.body.input.input, 3);
	ck_assert_double_eq(m.body.input.rate_hz, 16000);
}
END_TEST

START_TEST(a_message_from_the_wrong_sender_is_refused)
{
	struct message m;

	open_channel();
	channel_send_input(ends[0], &(struct msg_input){ 0 });
	ck_assert_int_eq(channel_receive(ends[1], ROLE_PIPELINE, &m), -EBADMSG);
}
END_TEST

START_TEST(a_message_of_the_wrong_size_is_refused)
{
	struct message m;
	uint32_t short_one[] = { MSG_DECISION, 0 };
	char long_one[sizeof(m) + 64] = { MSG_READY };
	uint32_t unknown[] = { 999, 0 };

	open_channel();
	ck_assert_int_eq(send(ends[0], short_one, sizeof(short_one), 0), sizeof(short_one));
	ck_assert_int_eq(channel_receive(ends[1], ROLE_PIPELINE, &m), -EBADMSG);
	ck_assert_int_eq(send(ends[0], long_one, sizeof(long_one), 0), sizeof(long_one));
	ck_assert_int_eq(channel_receive(ends[1], ROLE_PIPELINE, &m), -EBADMSG);
	ck_assert_int_eq(send(ends[0], unknown, sizeof(unknown), 0), sizeof(unknown));
	ck_assert_int_eq(channel_receive(ends[1], ROLE_PIPELINE, &m), -EBADMSG);
	ck_assert_int_eq(send(ends[0], "x", 1, 0), 1);
	ck_assert_int_eq(channel_receive(ends[1], ROLE_PIPELINE, &m), -EBADMSG);
}
END_TEST

START_TEST(a_full_queue_says_so_and_a_dead_peer_too)
{
	struct msg_decision d = { 0 };
	struct message m;
	int rc = 0, sent = 0;

	open_channel();
	while (rc == 0) {
		rc = channel_send_decision(ends[0], &d);
		sent += rc == 0;
	}
	ck_assert_int_eq(rc, -EAGAIN);
	ck_assert_int_gt(sent, 8);
	close(ends[1]);
	ck_assert_int_eq(channel_receive(ends[0], ROLE_PUBLISH, &m), -EPIPE);
}
END_TEST

START_TEST(descriptors_go_with_a_message)
{
	int fds[CHANNEL_MOST_FDS], pipes[2];
	struct message m;
	size_t count;
	char c = 0;

	open_channel();
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(channel_send_fds(ends[0], MSG_READY, &(struct msg_ready){ 0 }, pipes, 2),
			 0);
	ck_assert_int_eq(channel_receive_fds(ends[1], ROLE_CAPTURE, &m, fds, &count), 1);
	ck_assert_uint_eq(count, 2);
	ck_assert(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(read(pipes[0], &c, 1), 1);
	ck_assert_int_eq(c, 'x');
	ck_assert_int_eq(channel_send_fds(ends[0], MSG_READY, &(struct msg_ready){ 0 }, fds, 65),
			 -E2BIG);
}
END_TEST

/* A worker that sends descriptors where none are wanted does not fill our table of them. */
START_TEST(descriptors_that_nobody_wants_are_closed)
{
	int fds[CHANNEL_MOST_FDS];
	struct message m;
	size_t count;

	open_channel();
	int before = dup(0);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(channel_send_fds(ends[0], MSG_READY, &(struct msg_ready){ 0 },
						  (int[]){ 0, 0, 0 }, 3),
				 0);
		ck_assert_int_eq(channel_receive(ends[1], ROLE_CAPTURE, &m), 1);
		ck_assert_int_eq(channel_send_fds(ends[0], MSG_INPUT, &(struct msg_input){ 0 },
						  (int[]){ 0, 0, 0 }, 3),
				 0);
		ck_assert_int_eq(channel_receive_fds(ends[1], ROLE_PIPELINE, &m, fds, &count),
				 -EBADMSG);
		ck_assert_uint_eq(count, 0);
	}
	ck_assert_int_eq(dup(0), before + 1);
}
END_TEST

TEST_MAIN("channel", descriptors_go_with_a_message, descriptors_that_nobody_wants_are_closed,
	  a_message_arrives_as_it_was_sent, a_message_from_the_wrong_sender_is_refused,
	  a_message_of_the_wrong_size_is_refused, a_full_queue_says_so_and_a_dead_peer_too)
