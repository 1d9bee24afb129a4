/* check_outbox.c - events are kept until the broker has confirmed them, in order. */
#include "output/outbox.h"

#include <stdio.h>

#include "tests/test.h"

START_TEST(an_event_is_kept_until_it_is_confirmed)
{
	struct outbox o = { 0 };

	outbox_put(&o, "t", "1");
	outbox_put(&o, "t", "2");
	struct outbox_item *first = outbox_next(&o);
	ck_assert_str_eq(first->payload, "1");
	first->message_id = 11;
	struct outbox_item *second = outbox_next(&o);
	second->message_id = 12;
	ck_assert_ptr_null(outbox_next(&o));
	ck_assert_uint_eq(outbox_under_way(&o), 2);
	outbox_confirmed(&o, 12); /* out of order: the first keeps its place */
	ck_assert_uint_eq(o.count, 2);
	outbox_confirmed(&o, 11);
	ck_assert_uint_eq(o.count, 0);
	outbox_fini(&o);
}
END_TEST

START_TEST(what_was_under_way_is_sent_again_and_marked)
{
	struct outbox o = { 0 };

	outbox_put(&o, "t", "1");
	outbox_put(&o, "t", "2");
	outbox_next(&o)->message_id = 5;
	outbox_rewind(&o);
	ck_assert_str_eq(outbox_next(&o)->payload, "1");
	ck_assert(outbox_next(&o)->sent_before);
	outbox_next(&o)->message_id = 6;
	ck_assert(!outbox_next(&o)->sent_before);
	outbox_fini(&o);
}
END_TEST

START_TEST(a_full_outbox_drops_its_oldest_and_counts_it)
{
	struct outbox o = { 0 };
	char text[20];

	for (int i = 0; i < OUTBOX_MOST + 3; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_eq(outbox_put(&o, "t", text), 0);
	}
	ck_assert_uint_eq(o.dropped, 3);
	ck_assert_str_eq(outbox_next(&o)->payload, "3");
	outbox_fini(&o);
}
END_TEST

TEST_MAIN("outbox", an_event_is_kept_until_it_is_confirmed,
	  what_was_under_way_is_sent_again_and_marked, a_full_outbox_drops_its_oldest_and_counts_it)
