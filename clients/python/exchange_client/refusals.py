"""What to do about each refusal, by its code.

Written by generate.py from docs/refusals.md; never by hand.
"""

from typing import Dict

WHAT_TO_DO: Dict[str, str] = {
    "access/forged-form":
        "load the page again and repeat",
    "access/no-key":
        "send `Authorization: Bearer KEY`",
    "access/no-personas":
        "sign in, or run `exchange demo`",
    "access/no-such-link":
        "make another",
    "access/no-such-persona":
        "pick one of the page",
    "access/not-there":
        "check the address, or sign in as the one whose it is",
    "access/not-this-machine":
        "open it there",
    "access/not-yours":
        "ask with the right key, or as the right person",
    "access/too-many-sign-ins":
        "wait as long as `Retry-After` says",
    "account/refund-too-much":
        "refund what `exchange accounts show` says there is",
    "accrual/closed":
        "accrue an open one; all of a closed month is billed",
    "accrual/earlier-open":
        "close the earlier one first",
    "adjustments/changed":
        "`exchange adjustments list`, then decide with the `seen` that it shows now",
    "adjustments/none":
        "`exchange adjustments list` shows what does",
    "agreement/broken":
        "keep the SKU in the sheet until the agreement ends, or end it by both",
    "agreement/closed-month":
        "save a quote, or agree on something, that begins in an open month",
    "agreement/egress":
        "agree on something else: egress is free",
    "agreement/exists":
        "look at it: `exchange agreements calendar`",
    "agreement/no-reason":
        "say why; the other side sees it",
    "agreement/not-agreed":
        "look at its status",
    "agreement/not-alone":
        "agree on another SKU",
    "agreement/not-sold":
        "name a SKU and a time of its price sheets",
    "agreement/not-yours":
        "ask the one that the message names",
    "agreement/over":
        "agree on a new one",
    "agreement/overlaps":
        "end the other with `exchange agreements end` or `shorten`, or agree for another time",
    "agreement/past":
        "end or change it now or later; what was used stays as agreed",
    "agreement/unknown":
        "look at `exchange agreements list` and `calendar`",
    "agreement/waiting":
        "wait for its answer, or take the proposal back by declining",
    "agreement/wrong":
        "give what the message names",
    "as-of/no-such-report":
        "ask for `charges`, `focus`, `settlement` or `journal`",
    "as-of/not-kept":
        "leave `--as-of` out",
    "as-of/open":
        "ask for a day after its close, as `--as-of 2026-11-30`",
    "auction/apart":
        "`exchange leases propose`",
    "auction/closed":
        "wait for `exchange bids clear`, or open another",
    "auction/exists":
        "look at it: `exchange bids list`",
    "auction/not-yours":
        "choose one of your own",
    "auction/open":
        "wait until the instant that the message names",
    "auction/twice":
        "withdraw the ask that the message names, or leave the node out",
    "auction/unknown":
        "look at `exchange bids list`",
    "auction/wrong":
        "give what the message names",
    "awards/over-shared":
        "write less of it, as `stack/p-17=50`, or change their dates",
    "awards/period":
        "ask for days between its first and its last",
    "awards/terms":
        "correct what the message names",
    "awards/unknown":
        "look at `exchange awards list --pi ADDRESS`",
    "backup/bad-key":
        "make or name one as the sentence says",
    "backup/damaged":
        "take another copy of it, or an older one",
    "backup/exists":
        "name another file, or a directory",
    "backup/needs-key":
        "name it with `--key-file`",
    "backup/needs-passphrase":
        "name its file with `--passphrase-file`",
    "backup/newer":
        "restore it with that version",
    "backup/no-passphrase":
        "write the passphrase there",
    "backup/not-empty":
        "name a fresh `--data`, or an empty `--database`",
    "backup/not-one":
        "name one that `exchange backup` wrote",
    "backup/not-sealed":
        "leave it out",
    "backup/open-to-others":
        "`chmod 600` it, and think of another passphrase",
    "bill/bad-manifest":
        "copy it again",
    "bill/file-twice":
        "name only one of them",
    "bill/less":
        "take all its files in one call if it is a part; repeat with `--accept-less` if it replaces what "
        "stands",
    "bill/of-no-delivery":
        "rename it, or correct the collector",
    "bill/part-cut":
        "copy it again",
    "bill/part-missing":
        "copy it",
    "bill/part-or-again":
        "say with `together:` or `manifest:` what belongs together, or `reissues: true`",
    "bill/replaced-before":
        "nothing, or repeat with `--accept-less` if it holds after all",
    "bill/unreadable-row":
        "have it issued again, or correct the row",
    "bug":
        "report it with the text it printed",
    "bundle/bad-key":
        "make one as the sentence says",
    "bundle/bad-signature":
        "fetch it from its meter again; ask who had it in hand",
    "bundle/broken":
        "fetch it from its meter again",
    "bundle/broken-chain":
        "ask whoever keeps the meter",
    "bundle/empty":
        "pack when there is one",
    "bundle/not-an-event":
        "write one event a line",
    "bundle/not-its-landlord":
        "correct the meter, then discard it",
    "bundle/not-json":
        "correct the meter, then discard it",
    "bundle/number-used-twice":
        "find out which of them is right",
    "bundle/too-large":
        "have the meter send smaller ones",
    "bundle/unknown-meter":
        "add its key to the collector's meters",
    "chart/missing":
        "publish one: `exchange settings publish pricing/chart.yaml`",
    "chart/no-account":
        "add an entry whose `match` covers it",
    "chart/too-long":
        "correct the chart of accounts",
    "close/before-first":
        "as of `close/hard-closed`: `exchange adjustments accept 2026-01 --seen …`, `exchange adjustments"
        " decline 2026-01 --seen …`",
    "close/changed":
        "look at it again and confirm again",
    "close/collector-behind":
        "`exchange collect run`, or accept with `--accept close/collector-behind:NAME`: what comes later "
        "becomes adjustments",
    "close/collector-gap":
        "mend the source and run the collector again, or accept with `--accept close/collector-gap:NAME`",
    "close/damaged-block":
        "restore them from a backup (`exchange verify` names each), or accept with `--accept "
        "close/damaged-block`: once restored, the rest becomes adjustments",
    "close/decided-twice":
        "give one of them",
    "close/earlier-open":
        "close the earliest first, or accept with `--accept close/earlier-open`",
    "close/fallback-price":
        "publish a sheet that names it, or close as it is",
    "close/hard-closed":
        "`exchange adjustments accept 2026-01 --seen …` bills it with the next close, `exchange "
        "adjustments decline 2026-01 --seen …` leaves the month as it was billed; or close with `--accept"
        " close/hard-closed:2026-01=7.80`, which names what it bills, `--accept close/left:2026-01`",
    "close/later-closed":
        "nothing: its usage is billed as adjustments with the next close; of a month before the first "
        "that was closed, `exchange adjustments accept MONTH`",
    "close/month-not-over":
        "wait for its end (UTC); `close` may be run on the first of the next month",
    "close/not-billed":
        "look at `exchange directory list`",
    "close/not-reached":
        "set the clock right, let what is missing be sent, or have finance close it: `exchange close "
        "--month M --commit`",
    "close/other-amount":
        "look at what came (`exchange adjustments list`), then accept what the message names",
    "close/parked":
        "look at it, then close with `--accept close/parked:ACCOUNT`",
    "close/quarantine":
        "look at `exchange quarantine list`, then release or discard",
    "close/reported-twice":
        "see `exchange sources twice --month M`; if it is one thing, have one end it, or retract it",
    "close/source-silent":
        "see `exchange sources list`; have them report, or take off those that ended: `exchange sources "
        "expect NAME --every never`",
    "close/terms-corrected":
        "nothing; `exchange payouts statement` of the month of the close says it line by line",
    "close/unattributed":
        "`exchange projects import` with its PI",
    "close/unpriced":
        "publish a sheet, or accept with `--accept close/unpriced`",
    "collect/again-gap":
        "name a window of which it tells all",
    "collect/again-misfit":
        "repair the source first",
    "collect/busy":
        "stop that one, or try again",
    "collect/file-gone":
        "copy it there again, as it was or corrected",
    "collect/no-reason":
        "say why",
    "collect/not-again":
        "use `exchange correct`, or take a bill again as a re-issue",
    "collect/other-landlord":
        "give that usage a collector of its own landlord",
    "collectors/bad-duration":
        "write a number and `s`, `m`, `h` or `d`",
    "collectors/name-used-twice":
        "give each its own: its position is kept under it",
    "collectors/none":
        "write the file that the message names",
    "collectors/unknown-kind":
        "use one that the message names",
    "collectors/unknown-name":
        "use a name of the file",
    "correct/not-taken":
        "correct it as it says",
    "correct/other-landlord":
        "correct each landlord's readings apart",
    "correct/other-window":
        "leave it out, or name the window that has it",
    "correct/usage":
        "name ids, or `--from` and `--to`",
    "costs/empty-range":
        "name as `to` the first day that is not part of it",
    "costs/long-range":
        "ask for less",
    "costs/long-value":
        "name one value",
    "costs/no-comparison":
        "group by `month`, or by something else",
    "costs/no-such-day":
        "write it as `2026-08-01`",
    "costs/no-such-group":
        "group by what the answer lists",
    "costs/no-such-period":
        "write `compare=2026-05-01/2026-08-01`",
    "costs/not-shown":
        "leave it out",
    "costs/resources-by-month":
        "ask for whole months",
    "costs/too-many-charges":
        "narrow by a project or a PI",
    "costs/too-many-groups":
        "group by less",
    "costs/too-many-rows":
        "narrow by a landlord, a project or a PI",
    "data/newer":
        "install that version, or use another `--data`",
    "data/of-another-user":
        "run it as the owner: `runuser -u exchange -- exchange doctor`",
    "data/open-to-others":
        "its owner runs `chmod -R go= DIR`",
    "demo/no-price-sheets":
        "set `EXCHANGE_HOME` to the folder that holds it",
    "demo/not-empty":
        "give it a directory of its own with `--data`, or an empty database",
    "directory/closed-month":
        "say from an open month on, or accept with `--accept-correction`",
    "directory/merged-other-way":
        "merge them the other way round, or leave them",
    "directory/not-a-name":
        "correct the row",
    "directory/not-an-address":
        "write it in ASCII",
    "directory/not-an-instant":
        "write `2026-10` or `2026-10-01T00:00:00Z`",
    "directory/unknown-institution":
        "publish it, or take a name from `exchange directory list`",
    "dump/came-back":
        "release it to take the end back, discard it if it ended",
    "dump/left-out":
        "release it to end it at the stated instant, correct the instant, or discard it if it goes on",
    "explain/unknown":
        "take the id from `exchange invoices show` or `export charges`",
    "export/no-such-form":
        "leave `--as` out",
    "facts/closed-month":
        "give the first open month with `--from`; or, as finance, `--accept-correction`",
    "facts/hard-closed":
        "give the first month that takes corrections with `--from`, credit what was billed wrong, or set "
        "the horizon further back",
    "facts/not-a-month":
        "give the first of a month",
    "facts/other-kind":
        "use the verb of its kind",
    "facts/twice":
        "keep one of them",
    "facts/unknown":
        "take its name from `list`",
    "file/broken-gzip":
        "copy the file again and repeat",
    "file/key-twice":
        "correct the file and repeat",
    "file/link-outside":
        "copy the file there itself",
    "file/no-cluster":
        "add `--cluster NAME`",
    "file/not-csv":
        "check the file and its header; where there is nothing to list, write the header alone",
    "file/not-its-landlord":
        "send it where it belongs, then discard it",
    "file/not-json":
        "repair the file, or name its format with `--format`",
    "file/not-utf8":
        "save the file as UTF-8",
    "file/one-page":
        "ask for all pages, and put what is in them into one list",
    "file/record-too-long":
        "split or repair the file",
    "file/unknown-format":
        "use one of those that the message names",
    "file/unreadable":
        "check the path and its permissions",
    "fund/closed-month":
        "give the first open month, or accept with `--accept-correction`",
    "fund/negative-cap":
        "give a cap of zero or more",
    "fund/no-months":
        "give a later month",
    "gpu/not-a-share":
        "look at its exporter, then discard",
    "install/data":
        "name one for the exchange alone, as `--data /srv/exchange`",
    "install/file-changed":
        "keep the edits with `systemctl edit exchange`, remove the file, install again",
    "install/needs":
        "install the package that brings it",
    "install/not-root":
        "`sudo exchange install`",
    "install/program":
        "install the package of `build/deb.sh`, or copy what `build/publish.sh` makes to /opt/exchange",
    "install/program-failed":
        "mend what it says, and install again",
    "install/root":
        "name the root of an image",
    "install/user":
        "leave `--user` out, or name another",
    "institutions/bad-domain":
        "correct it",
    "institutions/twice":
        "keep one of them",
    "invoice/credit-not-positive":
        "give an amount above zero",
    "invoice/credited":
        "credit the rest of it",
    "invoice/document-changed":
        "restore table invoicing.document from a backup",
    "invoice/empty":
        "nothing: there is nothing to bill",
    "invoice/hard-closed":
        "credit it",
    "invoice/no-reason":
        "say why with `--because`",
    "invoice/nobody":
        "give its projects a PI, then close again",
    "invoice/not-a-draft":
        "issue the next draft",
    "invoice/not-issued":
        "issue it first",
    "invoice/not-void":
        "void it first: `exchange invoices void PI-2026-0001 --reissue --because \"…\"` does both",
    "invoice/nothing-owed":
        "pay it in for the group: `exchange prepaid pay`",
    "invoice/offset-too-much":
        "apply less",
    "invoice/over-credited":
        "credit at most what the message says",
    "invoice/overpaid":
        "name what is open, or no amount; the rest is kept on the account",
    "invoice/paid":
        "give that back, or write a credit note; other payments become the account's again by themselves",
    "invoice/payment-differs":
        "use another reference",
    "invoice/payment-not-positive":
        "void, or write a credit note",
    "invoice/refund-too-much":
        "note at most what was paid",
    "invoice/settled":
        "correct it by a credit note",
    "invoice/taken":
        "act on the institution's invoice, or void it first",
    "invoice/taken-over":
        "credit it, or write it off",
    "invoice/unknown":
        "look at `exchange invoices list`",
    "invoice/write-off":
        "write off what is open",
    "jobs/close-on":
        "write a number from 1 to 28",
    "jobs/failed":
        "read on the job's page what it said",
    "jobs/not-running":
        "look at what came of it",
    "jobs/not-yours":
        "have those do it whom the message names",
    "jobs/off":
        "set the variable that the message names",
    "jobs/running":
        "wait until it is done, or stop it",
    "jobs/unknown":
        "look at `exchange jobs list`",
    "kept/damaged":
        "restore `invoicing.kept_block` from a backup; `exchange verify` names the place",
    "key/bad-landlord":
        "write the landlord's name, or '*' for reading everything",
    "key/bad-name":
        "give it another name",
    "key/needs-landlord":
        "name one with `--landlord`",
    "key/no-landlord":
        "make it with `--landlord '*'`",
    "key/reads-only":
        "make it with `--scope read` and without `--landlord`",
    "key/taken":
        "run the command again",
    "key/unknown":
        "see `exchange keys list`",
    "landlords/twice":
        "keep one of them",
    "lanes/ambiguous":
        "say `--lane` or `--landlord`",
    "lanes/connection":
        "write it like `Host=db1.example.org;Username=exchange;Database=west`",
    "lanes/elsewhere":
        "give it the file that the other servers have",
    "lanes/exists":
        "name it otherwise",
    "lanes/home":
        "move its landlords: `exchange lanes move LANDLORD --to LANE`",
    "lanes/landlord":
        "name it otherwise",
    "lanes/moving":
        "send or ask again in a moment",
    "lanes/name":
        "name it like `west`",
    "lanes/name-used-twice":
        "name each otherwise",
    "lanes/no-databases":
        "write one ([lanes](operating/lanes.md))",
    "lanes/not-empty":
        "name an empty one",
    "lanes/open-to-others":
        "`chmod 600` it",
    "lanes/other-move":
        "let it end, or give that command again: it goes on where it was left",
    "lanes/same-database":
        "name another, empty one",
    "lanes/there":
        "nothing is to be done",
    "lanes/too-many":
        "move landlords into those that there are",
    "lanes/unknown":
        "look at `exchange lanes list`",
    "lanes/unknown-database":
        "write how to reach it, on every server alike",
    "lease/exists":
        "look at it: `exchange leases list`",
    "lease/held":
        "choose other nodes or another time",
    "lease/no-capacity":
        "`exchange leases declare`",
    "lease/no-notice":
        "reclaim it from the instant that the message names",
    "lease/no-reason":
        "say why; the other side sees it",
    "lease/not-agreed":
        "look at its status",
    "lease/not-yours":
        "ask the one that the message names",
    "lease/outside":
        "sublet fewer nodes or a shorter time",
    "lease/over":
        "agree on a new one",
    "lease/past":
        "name an instant from now on",
    "lease/unknown":
        "look at `exchange leases list`",
    "lease/waiting":
        "wait for its answer, or take the proposal back by declining",
    "lease/wrong":
        "give what the message names",
    "levels/closed-month":
        "let it hold from an open month; finance adds the rest with `exchange levels publish … "
        "--correction`",
    "levels/no-notice":
        "let it hold from the month that the message names; a stronger promise may begin at once",
    "levels/unknown-service":
        "name a service that it sells",
    "levels/wrong":
        "write steps like `99.9=10`, from the highest to the lowest",
    "mail/off":
        "set `EXCHANGE_MAIL` as the message says",
    "mail/operators":
        "write one, like `cloud-operators@example.org`",
    "mail/server":
        "mend what the message names; the next run of `mail` sends it",
    "mail/settings":
        "write it like `smtp://user:password@mail.example.org:587?from=billing@example.org`; `smtps://` "
        "is TLS from the first byte",
    "mail/unknown":
        "look at /mail",
    "mandate/none":
        "the PI lets it act on the page Intermediaries, or `exchange mandates give`",
    "mandate/past":
        "leave `--from` out, or name an instant to come",
    "mandate/unknown":
        "look at `exchange mandates list`",
    "meter/chain-broken":
        "restore a backup",
    "meter/counted-twice":
        "retract one of them with a correction",
    "meter/decision-differs":
        "run `exchange replay`",
    "meter/fold-differs":
        "run `exchange replay`",
    "meter/index-differs":
        "run `exchange replay`",
    "meter/seal-differs":
        "restore the journal from a backup",
    "meter/unreadable":
        "`exchange verify` names every such place; restore it from a backup",
    "meter/went-back":
        "restore a newer backup of that database; what was lost is taken again when it is sent again",
    "nerc/empty-cell":
        "fill it in, or have the file made again",
    "nerc/file-twice":
        "name the file once",
    "nerc/hours-not-whole":
        "round them up in the file, or export `--policies corrected`",
    "nerc/missing-columns":
        "export them again with every column",
    "nerc/misspelt-column":
        "correct the header",
    "nerc/month-closed":
        "bring what is late into an open month, as an adjustment",
    "nerc/not-a-month":
        "write it like `2025-10`",
    "nerc/not-a-number":
        "correct it",
    "nerc/not-imported":
        "run `exchange import nerc` first",
    "nerc/not-utf8":
        "save it as UTF-8",
    "nerc/nothing-used":
        "take in the usage of the month first",
    "nerc/pi-from-the-future":
        "import the month with the ledger of its own time",
    "nerc/prepay-overdrawn":
        "add the missing credit, or correct the debit",
    "nerc/unknown-policies":
        "write `nerc-compatible` or `corrected`",
    "nerc/unknown-prepay-group":
        "add it to the contacts, or correct the name",
    "nerc/unknown-projects":
        "add them there, list them as nonbillable, or export `--policies corrected`",
    "nova/cut-off":
        "dump the tables again and repeat",
    "nova/no-actions":
        "check table `instance_actions` of the dump",
    "nova/no-columns":
        "dump the table with its CREATE TABLE",
    "nova/no-instances":
        "dump `instances`, `instance_extra`, `instance_actions`",
    "nova/pci-requests-unreadable":
        "correct the row",
    "offer/capacity":
        "ask for fewer, or for another time",
    "offer/no-reason":
        "say why; customers see it",
    "offer/not-for-you":
        "ask the landlord, or choose another offer",
    "offer/paused":
        "ask again later, or choose another offer",
    "offer/retired":
        "choose another offer; a landlord sells it under another name",
    "offer/unknown":
        "look at `exchange offers list`",
    "offer/wrong":
        "correct what the message names",
    "opening/bad-row":
        "correct the row",
    "opening/closed-month":
        "take over what is older",
    "opening/differs":
        "credit it, or write it off",
    "opening/number-ahead":
        "say the last number of its series first: `exchange directory opening last-numbers.csv`",
    "opening/number-taken":
        "give each its own",
    "opening/series-used":
        "say so before the first close",
    "openshift/no-requests":
        "collect the day again",
    "order/no-reason":
        "say why; the other side sees it",
    "order/no-reference":
        "give the id of the lease or allocation",
    "order/not-approved":
        "wait for those whom the message names",
    "order/not-asked":
        "look at whose approval it awaits",
    "order/over":
        "place another",
    "order/over-budget":
        "order less, or raise the budget",
    "order/twice":
        "look at the order that the message names",
    "order/unknown":
        "look at `exchange orders list`",
    "outages/closed-month":
        "declare what lies in open months; finance adds the rest with `exchange outages add … "
        "--correction`",
    "outages/hard-closed":
        "declare what lies in later months, credit what was billed wrong, or set the horizon further back",
    "outages/unknown":
        "`exchange outages list` shows them",
    "outages/wrong":
        "give what the message names",
    "payment/applied-too-much":
        "apply what `exchange accounts show` says is left",
    "payment/bank-file":
        "correct the line that it names, then import it again",
    "payment/no-reference":
        "give the one that the bank has",
    "payment/not-applied":
        "see `exchange accounts show`",
    "payment/not-positive":
        "give an amount above zero",
    "payment/other-account":
        "record it on the account that owes the invoice",
    "payment/refund-known":
        "use another reference for another refund",
    "payment/too-large":
        "check where its point stands",
    "payment/unknown":
        "see `exchange accounts show`",
    "payment/value-date":
        "give the day on which the bank counted it",
    "payout/differs":
        "use another reference for another payout",
    "payout/too-much":
        "pay what `exchange payouts list` says is open",
    "pdf/no-font":
        "install the fonts that the message names, then draw it again",
    "pdf/no-pango":
        "run the command that the message names",
    "peer/broken":
        "fetch it from the other exchange again",
    "peer/broken-chain":
        "ask the other exchange which of them is right",
    "peer/busy":
        "send it again in some seconds",
    "peer/differs":
        "look at `exchange peers differences` and mend what is wrong",
    "peer/disputed":
        "withdraw the dispute, or have the other send another statement",
    "peer/egress":
        "ask the other exchange for one that does not",
    "peer/key":
        "copy what `exchange peers key` prints there",
    "peer/line":
        "ask the other exchange for one that is right",
    "peer/maybe-egress":
        "have the other exchange say so in its price sheet: `not_egress`",
    "peer/name":
        "choose one like `mit`",
    "peer/no-dispute":
        "look at `exchange peers disputes`",
    "peer/no-line":
        "name it as `exchange peers differences` does",
    "peer/no-reason":
        "say why in 1 to 500 characters",
    "peer/no-side":
        "give `--pi`, `--landlord` or both",
    "peer/no-statement":
        "ask the other exchange which one it means",
    "peer/not-a-seller":
        "admit it again with `--landlord`",
    "peer/not-billed":
        "close the month, or admit it with `--pi`",
    "peer/not-for-us":
        "send it where it belongs",
    "peer/nothing":
        "nothing",
    "peer/number-used-twice":
        "send what changed under the next number",
    "peer/out-of-order":
        "send the missing ones first",
    "peer/overlap":
        "name an instant within 90 days; a stolen key is suspended",
    "peer/settled":
        "pay the difference by invoice and payout",
    "peer/signature":
        "ask the other exchange for its key",
    "peer/too-large":
        "have some projects billed by another account",
    "peer/too-slow":
        "send it again over a better line",
    "peer/unknown":
        "look at `exchange peers list`",
    "peer/url":
        "give one; the command line's `--private` takes others",
    "people/changed":
        "`exchange verify` names it; restore it first",
    "people/erased":
        "nothing is left to erase",
    "people/in-usage":
        "nothing was erased; leave that name out of `--name`",
    "people/no-address":
        "give the address, as `ada@bu.edu`",
    "people/no-list":
        "give a file of `exchange people erased --out`",
    "people/no-name":
        "give first and last name",
    "people/no-reason":
        "say it in at most 400 letters",
    "people/unknown":
        "look for it with `exchange search`",
    "postgres/not-installed":
        "run the command that the message names, or use `--database`",
    "postgres/other-version":
        "install that version beside the other",
    "prepaid/covered-elsewhere":
        "end it in the other group first",
    "prepaid/no-contact":
        "give `--contact` an address",
    "prepaid/not-enough":
        "give what it has left at most",
    "prepaid/payment-differs":
        "use another reference",
    "prepaid/unknown-group":
        "`exchange prepaid list` shows them; `prepaid open` opens one",
    "prices/below-wholesale":
        "raise the price, or say why: `below_wholesale: \"…\"`",
    "prices/closed-month":
        "let it begin in an open month; closed months are corrected by adjustments",
    "prices/egress-charged":
        "set its rate to \"0\" and drop the minimum",
    "prices/empty-period":
        "let `until` come after `from`",
    "prices/example-differs":
        "correct the example or the price",
    "prices/gap":
        "let the sheets meet, or cover the cluster",
    "prices/has-begun":
        "publish a sheet that begins later, or a correction",
    "prices/maybe-egress":
        "if it is something else, say what in the sheet: `not_egress: \"…\"`",
    "prices/negative":
        "give discounts as programmes",
    "prices/no-correction":
        "publish the sheet",
    "prices/no-example":
        "add one that can be checked by hand",
    "prices/none":
        "see `exchange prices list`",
    "prices/overlap":
        "move one of the two",
    "prices/pays-itself":
        "name who is behind it",
    "prices/raise-without-notice":
        "let the sheet begin then; lower prices may begin at once",
    "prices/reserved-name":
        "give the SKU another name",
    "prices/same-name":
        "rename one",
    "prices/too-high":
        "check where its point stands",
    "prices/too-many":
        "make several services of it",
    "prices/too-much":
        "send a shorter sheet, or have the operator publish it by `exchange prices publish`",
    "prices/two-skus-match":
        "let one of them ask for more",
    "prices/unknown":
        "look at `exchange prices list`",
    "prices/unknown-correction":
        "`exchange prices corrections` lists them",
    "prices/unknown-meter":
        "use a known name, or have the exchange add it",
    "prices/unknown-payee":
        "name a landlord with a price sheet or terms",
    "prices/unquoted-decimal":
        "put it in quotes",
    "prices/unreachable":
        "correct what it matches, or take it out",
    "programme/other-kind":
        "name a programme of the kind that the message says",
    "programme/overlap":
        "end the earlier with `until`",
    "programme/twice":
        "give one of them another name",
    "programme/unknown":
        "take its name from `exchange programmes list`",
    "prometheus/failed-query":
        "ask again and replace the file",
    "prometheus/no-answer":
        "keep what `/api/v1/query_range` answers, or name the file's format",
    "prometheus/partial-answer":
        "nothing was taken; a collector keeps the window as a gap and reads it again, a file is to be "
        "fetched again",
    "prometheus/unknown-metric":
        "ask for `kube_pod_resource_request`, or discard",
    "quarantine/discarded":
        "send the reading again under an id of its own",
    "quarantine/no-reason":
        "say why",
    "quarantine/not-other-content":
        "release or discard it",
    "quarantine/released":
        "nothing",
    "quarantine/still-wrong":
        "repair the cause the message names, or give a corrected event",
    "quarantine/unknown":
        "see `exchange quarantine list`",
    "quarantine/unreadable":
        "give a corrected event, or ingest a corrected file",
    "quote/agreed":
        "use it at the prices of the agreement, plan for another time, or end the agreement",
    "quote/apart":
        "save a quote for each place",
    "quote/exists":
        "save it again",
    "quote/lapsed":
        "ask for a new one: prices may have changed",
    "quote/not-sold":
        "choose another place, or plan it otherwise",
    "quote/not-yours":
        "choose one of your own",
    "quote/nothing":
        "plan something else with it",
    "quote/past":
        "let it begin today or later",
    "quote/promised":
        "plan what is beside that",
    "quote/unknown":
        "look at `exchange quotes list`",
    "quote/usage":
        "list 1 to 200 things with a kind, hours above 0 and a count up to 1000",
    "quote/valid":
        "give 1 to 90 days",
    "quote/whose":
        "add `--project P`",
    "rabbitmq/not-json":
        "look at what writes to the queue, then discard it",
    "rabbitmq/unreachable":
        "check address, user and queue; it is tried again",
    "reading/bad-name":
        "correct it and send it again",
    "reading/bad-replacement":
        "correct it and send it again",
    "reading/bad-shape":
        "correct it and send it again",
    "reading/bad-step":
        "correct it and send it again",
    "reading/bad-time":
        "correct it and send it again",
    "reading/bill":
        "`exchange ingest FILE --format focus`, or another format of bills",
    "reading/empty-interval":
        "correct its times",
    "reading/in-the-future":
        "correct the reporter's clock",
    "reading/key-twice":
        "send it once; as a new event, or corrected from the quarantine",
    "reading/negative-quantity":
        "correct it and send it again",
    "reading/no-data":
        "correct it and send it again",
    "reading/no-reason":
        "add `\"reason\":\"…\"` and send it again",
    "reading/not-a-cloudevent":
        "correct it and send it again",
    "reading/not-a-number":
        "correct it and send it again",
    "reading/not-text":
        "correct its reporter and send it again",
    "reading/same-id-other-content":
        "send what is right as `exchange.usage.correction.v1` with `\"corrects\":\"THE-ID\"`, or `exchange "
        "correct`",
    "reading/shape-too-large":
        "send what is billed, and tags elsewhere",
    "reading/too-early":
        "correct the reporter's clock",
    "reading/unknown-state":
        "send a known state",
    "reading/unknown-type":
        "send a known type",
    "record/broken-envelope":
        "have it sent again",
    "record/empty-period":
        "discard",
    "record/key-twice":
        "have its reporter send it once, or discard the record",
    "record/missing-field":
        "have its reporter send it, or discard",
    "record/not-a-name":
        "correct the reporter, or discard",
    "record/not-a-number":
        "correct the reporter, or discard",
    "record/not-a-time":
        "correct the reporter, or discard",
    "record/not-text":
        "have it sent again, or discard it",
    "record/unknown-state":
        "report it, or discard",
    "request/by":
        "send one of them",
    "request/changed":
        "read it again, and decide again",
    "request/content-type":
        "send the type that the sentence names",
    "request/key":
        "send a shorter one",
    "request/key-used":
        "use a new key for a new request",
    "request/malformed":
        "correct what the message names",
    "request/method":
        "use the method that `Allow` names",
    "request/no-such-page":
        "see `/openapi/v1.json` for what there is",
    "request/no-such-report":
        "pick one that the sentence lists",
    "request/no-such-version":
        "send `v=1` or `v=2`, or leave it out",
    "request/no-version":
        "read the thing, and send `If-Match` with its `version`",
    "request/overtaken":
        "look at it again, then decide again",
    "request/too-large":
        "send less",
    "request/too-many":
        "send it again when some are answered",
    "request/too-many-acts":
        "wait for ten seconds, after which one more may be done; nothing was",
    "request/too-many-keys":
        "send it when a day has passed since the first of them, or without the header; nothing was done",
    "request/unknown-name":
        "use one that the message lists",
    "savings/no-reason":
        "say why it stays as it is",
    "savings/unknown":
        "look at `exchange savings list --pi ADDRESS`",
    "schema/newer":
        "install that version",
    "schema/read-only":
        "run a command of this version against the primary first",
    "search/text":
        "type a part of a name or number",
    "serve/address":
        "write it like `https://exchange.example.org`",
    "serve/cluster-address":
        "write it like `10.1.0.1:5081`; `0.0.0.0` is nothing that others can reach",
    "serve/cluster-certificate":
        "name both files, as PEM",
    "serve/cluster-key-open":
        "`chmod 600` it",
    "serve/cluster-without-tls":
        "name them, or listen on `127.0.0.1`",
    "serve/panel-origin":
        "write scheme, host and port alone, as `https://horizon.example.org`",
    "serve/personas-not-loopback":
        "use `http://127.0.0.1:5080`",
    "serve/proxy":
        "write `10.1.2.3` or `10.1.0.0/16`",
    "settings/hard-close":
        "write it like `--hard-close-months 12`; 0 takes it away",
    "settings/line":
        "write `NAME=VALUE` with a name that begins with EXCHANGE_ or OTEL_",
    "settings/logo":
        "save it as a small PNG",
    "settings/no-such-account":
        "write `pi:ada@bu.edu`, `institution:NAME`, `payer:NAME` or `group:NAME`",
    "settings/not-of-this":
        "add `--for ACCOUNT`, or leave it out",
    "settings/not-printable":
        "correct what the message names",
    "settings/twice":
        "keep one of them",
    "settings/unreadable":
        "run it as the exchange's own user: `runuser -u exchange -- exchange …`",
    "sign-in/nobody-here":
        "add a rule to the file of `--sign-in`, or verify the address",
    "sign-in/not-believed":
        "start again; if it stays so, look at the provider",
    "sign-in/provider":
        "check `issuer` in the file of `--sign-in`, and the provider",
    "sources/bad-interval":
        "give an interval between, `learned` or `never`",
    "sources/unknown":
        "use a name of `exchange sources list`",
    "statement/disputed":
        "resolve it: `exchange payouts resolve`",
    "statement/no-line":
        "see `exchange payouts statement`",
    "statement/no-reason":
        "say why",
    "statement/not-disputed":
        "see `exchange payouts statement`",
    "statement/unknown":
        "see `exchange payouts list`",
    "stripe/away":
        "wait and push again; nothing counts twice",
    "stripe/currency":
        "note it by hand, at what it came to",
    "stripe/event":
        "set right what it names; the next replay takes it in",
    "stripe/key":
        "write the right one into the file that `EXCHANGE_STRIPE` names",
    "stripe/not-an-event":
        "look at what else knows the secret; roll it",
    "stripe/not-paid":
        "give back what was paid, by the way it came",
    "stripe/off":
        "set it to a file with the key and the webhook's secret",
    "stripe/refused":
        "set it right and push again; nothing counts twice",
    "stripe/settings":
        "write the lines that the message shows",
    "stripe/signature":
        "compare the endpoint's secret, and the clock",
    "stripe/too-large":
        "look at who sends it",
    "stripe/total":
        "push again; look for what else changes invoices there",
    "text/nul":
        "leave it out",
    "unpriced/leased-twice":
        "correct one of the two, or name the lease that it is sublet from",
    "unpriced/no-sheet":
        "publish a sheet",
    "unpriced/no-sku":
        "add a SKU, or say in the sheet that it is unbilled",
    "unpriced/nothing-to-count":
        "correct its reporter",
    "unpriced/other-currency":
        "have the bill issued in dollars",
    "unpriced/too-large":
        "correct its reporter",
    "unpriced/too-much":
        "correct the price, or the reporter",
    "usage":
        "see `exchange VERB --help`",
    "usage/address":
        "write it like `ada@bu.edu`",
    "usage/connection-string":
        "write it like `Host=…;Username=…;Database=…`",
    "usage/content-encoding":
        "send it plain or with gzip",
    "usage/content-type":
        "send it as CloudEvents: one, a batch, or one a line",
    "usage/every":
        "write it like `1h`, or `learned`, or `never`",
    "usage/invoice":
        "write `NUMBER` or `NUMBER=12.34 USD`",
    "usage/no-landlord":
        "add `--landlord NAME`",
    "usage/not-cloudevents":
        "repair it and send it again",
    "usage/not-gzip":
        "send it again, whole",
    "usage/notice":
        "give a number of days between",
    "usage/step":
        "write it like `15m`",
    "usage/too-large":
        "split it",
    "usage/too-many":
        "send it again after the seconds of `Retry-After`",
    "usage/too-many-misfits":
        "correct its reporter; send it again after the seconds of `Retry-After`",
    "usage/too-many-names":
        "name things alike each time, or send it again after the seconds of `Retry-After`",
    "usage/too-slow":
        "send smaller requests, packed with gzip",
    "usage/two-keys":
        "leave one of them out",
    "usage/unknown-class":
        "`usage`, `correction` or `credit`",
    "usage/unknown-cluster":
        "use one that the message lists",
    "usage/unknown-institution":
        "look at `exchange directory list`",
    "usage/unknown-landlord":
        "use one that the message lists",
    "usage/unknown-payer":
        "look at `exchange programs list`",
    "usage/unknown-pi":
        "look at `exchange projects list`",
    "usage/unknown-program":
        "look at `exchange programs list`",
    "usage/unknown-project":
        "look at `exchange projects list`",
    "usage/unknown-service":
        "look at `exchange offers list`",
    "usage/unknown-sku":
        "look at `exchange offers list`",
    "usage/url":
        "write it like `http://127.0.0.1:5080`",
    "usage/value":
        "write it as the message says",
    "usage/whole-month":
        "leave out `--cluster` and `--landlord`",
    "usage/whose-key":
        "add `--landlord L`, `--institution I`, or `--landlord '*'`",
    "usage/window":
        "give both, the earlier first",
    "verify/damaged-key":
        "restore it from a backup, or move it away and have another made",
    "verify/differs":
        "restore it from a backup",
    "verify/not-a-head":
        "give a file that `exchange verify --write-head` or a close wrote",
    "verify/not-kept":
        "name a month that is closed",
    "webhook/bad-url":
        "register one that begins with `https://`",
    "webhook/taken":
        "register again; ids are drawn",
    "webhook/too-many":
        "remove one first",
    "webhook/unknown":
        "see `exchange webhooks list`",
    "webhook/unknown-event":
        "choose one that the message lists",
    "world/busy":
        "try again after `Retry-After`",
    "world/database-away":
        "start it, then run the command again",
    "world/database-closed":
        "correct the connection string",
    "world/database-damaged":
        "stop the exchange, look at the disk, restore a backup",
    "world/database-read-only":
        "point the exchange at the primary, or make it writable",
    "world/descriptors":
        "allow it more: `ulimit -n 4096`, or `LimitNOFILE=` in its unit",
    "world/disk-full":
        "make room, then run the command again",
    "world/dump-failed":
        "repair what they say; nothing half done stays",
    "world/file":
        "check the path, its permissions and the room on the disk",
    "world/network":
        "check that it runs",
    "world/no-pricing":
        "set `EXCHANGE_HOME` to the folder that holds it",
    "world/port":
        "stop it, or use another with `--urls`",
    "world/postgres-failed":
        "repair what they say",
    "yaml/alias":
        "write the value out at each place",
    "yaml/bad-value":
        "write it as the message says",
    "yaml/blank":
        "write it again, or leave it empty",
    "yaml/missing-key":
        "add it",
    "yaml/not-utf8":
        "save the file as UTF-8",
    "yaml/too-deep":
        "write it flat, as the schema says",
    "yaml/too-large":
        "split it into files",
    "yaml/unknown-key":
        "correct its spelling, or take it out",
    "yaml/unreadable":
        "correct the line that the message names",
}
