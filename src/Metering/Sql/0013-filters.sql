-- The filters of runs are of another kind now, and the words of pages leave more room for blocks: 40 bits of the
-- fingerprint, and 24 for the block. All of it is made from the blocks again when the next reading comes.
truncate metering.key_run, metering.key_page;
update metering.head set flushed = 0, epoch = epoch + 1;
