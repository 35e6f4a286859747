-- Statistics of arrays are slow to compute. With them, the planner would also call the function for each
-- row where a frequent word is searched.
alter index public.user_short_search alter column 1 set statistics 0;
alter index public.teacher_short_search alter column 1 set statistics 0;
alter index public.gig_short_search alter column 1 set statistics 0;
