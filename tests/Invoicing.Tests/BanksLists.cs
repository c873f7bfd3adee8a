using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// What banks list is read, matched with open invoices, and recorded once however often it is imported. Seen to fail:
/// 24.00 beside which stood EUR paid an invoice of 24.00 USD.
/// </summary>
public class BanksLists
{
    private const string Head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.VERSION">
          <BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>S1</Id>
            <Bal><Amt Ccy="USD">99.99</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
        """;

    private const string Entries = """
            <Ntry><NtryRef>1</NtryRef><Amt Ccy="USD">9.75</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>STATUS</Sts>
              <BookgDt><Dt>2026-11-03</Dt></BookgDt><ValDt><Dt>2026-11-02</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef>
              <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
                <RltdPties><Dbtr><Nm>Bob &amp; co</Nm></Dbtr></RltdPties>
                <RmtInf><Ustrd>Invoice pi-2026-0001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
            <Ntry><NtryRef>2</NtryRef><Amt Ccy="USD">500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>STATUS</Sts>
              <ValDt><Dt>2026-11-02</Dt></ValDt><AcctSvcrRef>B-2</AcctSvcrRef>
              <NtryDtls><TxDtls><RmtInf><Ustrd>rent</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
            <Ntry><NtryRef>3</NtryRef><Amt Ccy="USD">20.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>STATUS</Sts>
              <ValDt><DtTm>2026-11-03T08:00:00Z</DtTm></ValDt><AcctSvcrRef>B-3</AcctSvcrRef>
              <NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>
                <TxDtls><Amt Ccy="USD">13.00</Amt><RmtInf><Ustrd>PI-2026-0002</Ustrd></RmtInf></TxDtls>
                <TxDtls><AmtDtls><InstdAmt><Amt Ccy="EUR">6.50</Amt></InstdAmt><TxAmt><Amt Ccy="USD">7.00</Amt></TxAmt>
                  </AmtDtls><RmtInf><Ustrd>thanks</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
            <Ntry><NtryRef>4</NtryRef><Amt Ccy="USD">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PENDING</Sts>
              <ValDt><Dt>2026-11-05</Dt></ValDt><AcctSvcrRef>B-4</AcctSvcrRef></Ntry>
          </Stmt></BkToCstmrStmt>
        </Document>
        """;

    private static string Camt(string version = "02", string status = "BOOK", string pending = "PDNG") =>
        (Head.Replace("VERSION", version, StringComparison.Ordinal) + Entries)
        .Replace("STATUS", status, StringComparison.Ordinal).Replace("PENDING", pending, StringComparison.Ordinal);

    /// <summary>Of a batch each payment; not what left, what is announced, or a balance.</summary>
    [Theory]
    [InlineData("02", "BOOK", "PDNG")]
    [InlineData("08", "<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>")]
    public void Money_that_came_is_read_from_camt_053_of_any_version(string version, string status, string pending)
    {
        var movements = BankFile.Parse(Camt(version, status, pending), "november.xml");
        Assert.Equal(
            [
                ("B-1", new LocalDate(2026, 11, 2), 975L, "Bob & co Invoice pi-2026-0001"),
                ("B-3/1", new LocalDate(2026, 11, 3), 1_300L, "PI-2026-0002"),
                ("B-3/2", new LocalDate(2026, 11, 3), 700L, "thanks"),
            ],
            movements.Select(m => (m.Reference, m.Day, m.Amount.Cents, m.Text)));
    }

    [Theory]
    [InlineData("date,amount,reference,text\n2026-11-02,9.75,B-1,PI-2026-0001\n")]
    [InlineData("date,amount,currency,reference,text\n2026-11-02,9.75,usd,B-1,x\n2026-11-02,-1.00,EUR,B-2,x\n")]
    [InlineData("\uFEFFreference,text,amount,date\r\nB-1,\"PI-2026-0001, with thanks\",9.75,2026-11-02\r\n" +
        "B-2,fee,-3.00,2026-11-02\r\n")]
    public void Money_that_came_is_read_from_CSV_in_any_order_of_columns(string text)
    {
        var only = Assert.Single(BankFile.Parse(text, "november.csv"));
        Assert.Equal(("B-1", 975L, new LocalDate(2026, 11, 2)), (only.Reference, only.Amount.Cents, only.Day));
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>")]
    [InlineData("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>")]
    [InlineData("<Document><BkToCstmrStmt>")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("")]
    [InlineData("date,amount\n2026-11-02,1.00\n")]
    [InlineData("date,amount,reference,text\n02.11.2026,9.75,B-1,x\n")]
    [InlineData("date,amount,reference,text\n2026-11-02,\"9,75\",B-1,x\n")]
    [InlineData("date,amount,reference,text\n2026-11-02,9.755,B-1,x\n")]
    [InlineData("date,amount,reference,text\n2026-11-02,9.75,,x\n")]
    [InlineData("date,amount,reference,text\n2026-11-02,1e30,B-1,x\n")]
    [InlineData("date,amount,currency,reference,text\n2026-11-02,9.75,EUR,B-1,x\n")]
    [InlineData("date,amount,reference,text,Ccy\n2026-11-02,9.75,B-1,x,chf\n")]
    public void What_is_no_list_of_a_bank_is_refused_with_the_place(string text)
    {
        var refused = Assert.Throws<RefusedException>(() => BankFile.Parse(text, "list"));
        Assert.NotEqual("", refused.Refusal.Message);
    }

    [Fact]
    public void Other_currencies_and_batches_that_do_not_add_up_are_refused()
    {
        foreach (var (from, to) in ((string, string)[])[("Ccy=\"USD\">9.75", "Ccy=\"EUR\">9.75"), (">13.00<", ">12.00<")])
        {
            Assert.Equal("payment/bank-file", Assert.Throws<RefusedException>(() => BankFile.Parse(
                Camt().Replace(from, to, StringComparison.Ordinal), "november.xml")).Refusal.Code);
        }
    }

    [Fact]
    public void Deep_and_long_files_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 200_000));
        Assert.Throws<RefusedException>(() => BankFile.Parse(deep, "deep.xml"));
        Assert.Throws<RefusedException>(() => BankFile.Parse(
            $"<x>{new string('a', BankFile.Largest)}</x>", "long.xml"));
    }

    /// <summary>
    /// Bob's two invoices of 9.75 and 13.00 are named, 7.00 are nobody's. The same list again proposes nothing, also
    /// where another invoice has the same amount by then.
    /// </summary>
    [Fact]
    public async Task A_list_that_is_imported_twice_is_recorded_once()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 150, vcpu: 5);
        await world.Close(World.September);
        await world.Ran("p-bob", World.October, 1, 200, vcpu: 5);
        await world.Close(World.October);
        var movements = BankFile.Parse(Camt(), "november.xml");

        var first = await MatchPayments.Run(world.Database, movements, World.Ct);
        Assert.Equal(["PI-2026-0001", "PI-2026-0002", null], first.Select(m => m.Payment?.Invoices.Single().Number));
        foreach (var match in first.Where(m => m.Payment is not null))
        {
            await world.Journal.Execute(new RecordPayment(world.Database, match.Payment!), world.Now, World.Ct);
        }

        await world.CatchUp();
        world.Now += Duration.FromDays(31);
        await world.Ran("p-ada", World.October.Next, 1, 150, vcpu: 5);
        await world.Close(World.October.Next);
        var again = await MatchPayments.Run(world.Database, movements, World.Ct);
        Assert.All(again.Take(2), m => Assert.Equal("recorded before, on pi:bob@elsewhere.edu", m.Why));
        Assert.All(again, m => Assert.Null(m.Payment));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// 39.00 are for an invoice of each of two accounts, of which 26.00 were recorded by hand and on another day. What
    /// is listed again is told by its reference, on whatever day and with whatever amount; nothing of it is recorded
    /// twice. Before, 13.00 more or less were passed over in silence, and on another day it was all recorded again, on
    /// the account of whoever had that amount open.
    /// </summary>
    [Theory]
    [InlineData("2026-11-02,26.00,R-1,hello", "recorded before, on pi:bob@elsewhere.edu, as of 2026-11-03")]
    [InlineData(
        "2026-11-03,39.00,R-1,PI-2026-0001 PI-2026-0002", "recorded before with 26.00 USD, on pi:bob@elsewhere.edu; " +
        "the list says 39.00 USD, so 13.00 USD more came: record it on whose account it belongs")]
    [InlineData(
        "2026-11-03,20.00,R-1,PI-2026-0001", "recorded before with 26.00 USD, on pi:bob@elsewhere.edu; the list says " +
        "20.00 USD, so 6.00 USD less came: look at both")]
    [InlineData(
        "2026-11-03,39.00,R-1,PI-2026-0001 PI-2026-0002", "recorded before, on pi:ada@bu.edu and pi:bob@elsewhere.edu",
        true)]
    public async Task What_was_recorded_in_part_or_of_another_day_is_not_recorded_again(
        string line, string why, bool isAll = false)
    {
        await using var world = await World.Start();
        world.Programmes.Clear();
        await world.Ran("p-bob", World.September, 1, 200, vcpu: 10);
        await world.Ran("p-ada", World.September, 1, 200, vcpu: 10);
        await world.Close(World.September);
        async Task Record(string account, long cents) => await world.Journal.Execute(new RecordPayment(
            world.Database, new(AccountName.Parse(account, null), "R-1", new(cents), new(2026, 11, 3), [])),
            world.Now, World.Ct);
        await Record("bob@elsewhere.edu", 2_600);
        if (isAll)
        {
            await Record("ada@bu.edu", 1_300);
        }

        await world.CatchUp();
        var matched = await MatchPayments.Run(
            world.Database, BankFile.Parse($"date,amount,reference,text\n{line}\n", "list.csv"), World.Ct);

        Assert.Equal((null, why), (matched.Single().Payment, matched.Single().Why));
    }

    /// <summary>
    /// A payout of 5.20 that came back is no payment of the invoice that has 5.20 open, and a payment that the bank took
    /// back is told.
    /// </summary>
    [Theory, InlineData("true"), InlineData("1")]
    public async Task What_a_bank_reverses_pays_nothing_and_is_told(string reversal)
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        string Entry(string reference, string side) => $"""
            <Ntry><NtryRef>{reference}</NtryRef><Amt Ccy="USD">5.20</Amt><CdtDbtInd>{side}</CdtDbtInd>
              <RvslInd>{reversal}</RvslInd><Sts>BOOK</Sts><ValDt><Dt>2026-11-02</Dt></ValDt></Ntry>
            """;
        var list = Head + Entry("B-1", "CRDT") + Entry("B-2", "DBIT") + "</Stmt></BkToCstmrStmt></Document>";

        var matched = await MatchPayments.Run(world.Database, BankFile.Parse(list, "november.xml"), World.Ct);

        Assert.Equal(
            [
                "2026-11-02/B-1 5.20 USD: the bank takes back what had left: record it where that was a refund or a payout",
                "2026-11-02/B-2 -5.20 USD: the bank takes a payment back: note it with 'exchange invoices refund'",
            ], matched.Select(m => $"{m.Movement.Reference} {m.Movement.Amount}: {m.Why}"));
        Assert.All(matched, m => Assert.Null(m.Payment));
    }

    /// <summary>
    /// The first entry of each month's statement is number 1, and whoever pays by standing order gives one reference for
    /// ever. 5.20 of November 2 were recorded; 5.20 of December 2 are another payment, of the invoice that is open by
    /// then, and either list again is recorded before. Seen to fail: December's was "recorded before ..., as of
    /// 2026-11-02" and nothing was proposed. What was recorded under the number alone, as before, is known on its day.
    /// </summary>
    [Theory]
    [InlineData("NtryRef", false)]
    [InlineData("NtryRef", true)]
    [InlineData("EndToEndId", false)]
    [InlineData("EndToEndId", true)]
    public async Task A_number_that_comes_back_each_month_is_another_payment(string name, bool isOfBefore)
    {
        await using var world = await World.Start();
        IReadOnlyList<BankMovement> List(string day) => BankFile.Parse($"""
            {Head}<Ntry><Amt Ccy="USD">5.20</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
            <ValDt><Dt>{day}</Dt></ValDt><{name}>1</{name}></Ntry></Stmt></BkToCstmrStmt></Document>
            """, "list.xml");
        async Task<MatchedPayment> Matched(string day) => (await MatchPayments.Run(
            world.Database, List(day), World.Ct)).Single();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        var november = (await Matched("2026-11-02")).Payment!;
        await world.Journal.Execute(new RecordPayment(
            world.Database, isOfBefore ? november with { Reference = "1" } : november), world.Now, World.Ct);
        world.Now += Duration.FromDays(31);
        await world.Ran("p-bob", World.October, 1, 100);
        await world.Close(World.October);

        Assert.Equal("recorded before, on pi:bob@elsewhere.edu", (await Matched("2026-11-02")).Why);
        var december = await Matched("2026-12-02");
        Assert.Equal("PI-2026-0002", december.Payment?.Invoices.Single().Number);
        await world.Journal.Execute(new RecordPayment(world.Database, december.Payment!), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Equal("recorded before, on pi:bob@elsewhere.edu", (await Matched("2026-12-02")).Why);
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// 5.20 come three times, and only one invoice has them open: what names it pays it, and of the two others nobody
    /// knows. They were recorded on the same account, whoever had paid them.
    /// </summary>
    [Theory]
    [InlineData("PI-2026-0001", "PI-2026-0001;;")]
    [InlineData("hello", ";;")]
    public async Task An_amount_alone_is_for_one_payment_of_the_list(string text, string pays)
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Close(World.September);
        var listed = BankFile.Parse(
            $"date,amount,reference,text\n2026-11-02,5.20,B-1,{text}\n2026-11-02,5.20,B-2,thanks\n" +
            "2026-11-03,5.20,B-3,\n", "list.csv");

        var matched = await MatchPayments.Run(world.Database, listed, World.Ct);

        Assert.Equal(pays, string.Join(';', matched.Select(m => m.Payment?.Invoices.Single().Number)));
        Assert.Equal("no number in its text, and 3 payments of the list fit PI-2026-0001", matched[2].Why);
    }

    [Fact]
    public async Task What_is_not_sure_is_left_to_a_person_with_the_reason()
    {
        await using var world = await World.Start();
        await world.Ran("p-bob", World.September, 1, 100);
        await world.Stored("v-ada", World.September, 1);
        await world.Ran("p-ada", World.September, 1, 100);
        await world.Close(World.September);
        var listed = BankFile.Parse("""
            date,amount,reference,text
            2026-11-02,5.20,B-1,PI-2026-0001 PI-2026-0002
            2026-11-02,5.20,B-2,PI-2026-0099
            2026-11-02,77.00,B-3,hello
            2026-11-02,4.00,B-4,PI-2026-0002
            2026-11-02,4.00,B-4,PI-2026-0002

            """.Replace("        ", "", StringComparison.Ordinal), "list.csv");

        var matched = await MatchPayments.Run(world.Database, listed, World.Ct);

        Assert.Equal(
            [
                "the invoices that it names are of different accounts", "there is no invoice PI-2026-0099",
                "no number in its text, and no open invoice of this amount", "number; 5.20 USD is open, 4.00 USD came",
                "the list has this reference more than once",
            ], matched.Select(m => m.Why));
        Assert.Equal([3], matched.Index().Where(m => m.Item.Payment is not null).Select(m => m.Index));
    }
}
