-- How a sender proves itself follows from the feed's kind and keys: nothing ever read this column.
ALTER TABLE feed DROP COLUMN unsigned;
