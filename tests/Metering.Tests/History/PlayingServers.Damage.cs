using System.Globalization;
using Exchange.Journal;
using Xunit;

namespace Exchange.Metering.Tests.History;

public sealed partial class PlayingServers
{
    /// <summary>What goes on beside a block that is not what was written, and after it was restored.</summary>
    private sealed partial class Play
    {
        private static readonly string[] Damages =
        [
            "body = set_byte(body, length(body) / 2, get_byte(body, length(body) / 2) # 1)",
            "body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 255)",
            "body = '\\x00'",
            "names = '\\x0102'",
            "to_us = to_us - 1",
            "ids = ids || '\\x00'",
        ];

        /// <summary>A block is not what was written for a while: its landlords wait, others go on.</summary>
        private async Task BesideDamage()
        {
            await Quiet();
            if (await database.Texts("select number::text from metering.block order by random()", [], Ct)
                is not { Count: > 0 } numbers)
            {
                return;
            }

            var number = long.Parse(numbers[0], CultureInfo.InvariantCulture);
            var hurt = (await database.Texts(
                $"select unnest(landlords) from metering.block where number = {number}", [], Ct)).ToHashSet();
            await database.Execute(
                $"truncate saved; insert into saved select * from metering.block where number = {number}", [], Ct);
            var damage = _random.Next(Damages.Length + 2) is var kind && kind < Damages.Length ? Damages[kind] : null;
            await database.Execute(damage is null
                ? $"delete from metering.block where number = {number}"
                : $"update metering.block set {damage} where number = {number}", [], Ct);
            _did.Add($"[{number} of {string.Join(',', hurt)}: {damage ?? "gone"}");
            for (var step = _random.Next(1, 14); step > 0; step--)
            {
                await ActBesideDamage(_random.Next(12), hurt);
            }

            await Quiet();
            Assert.Contains(await Any().Meter.Verify(Ct), found => found.Where == $"block {number}");
            await database.Execute(
                $"delete from metering.block where number = {number}; insert into metering.block select * from saved",
                [], Ct);
            _did.Add("]");
            await AfterDamage();
        }

        private Task ActBesideDamage(int act, HashSet<string> hurt)
        {
            _did.Add($", {act}");
            return act switch
            {
                0 => LookBesideDamage(Any().Meter, hurt),
                1 => Restart(_random.Next(_servers.Length)),
                2 => Any().Meter.Fold(Ct),
                3 => Any().Turn(),
                4 => MergeRuns(),
                5 => Any().Meter.Merged,
                _ => SendBesideDamage(hurt),
            };
        }

        private async Task SendBesideDamage(HashSet<string> hurt)
        {
            var isForAll = _random.Next(2) == 0;
            var batch = Batch().Where(one => isForAll || !IsOf(one, hurt)).ToList();
            try
            {
                Settle([(batch, await Any().Meter.IngestEach(batch, Ct))]);
            }
            catch (RefusedException e) when (Unreadable.Is(e) && batch.Exists(one => IsOf(one, hurt)))
            {
                _did.Add("refused");
            }
        }

        private static bool IsOf(Collected one, HashSet<string> landlords) =>
            landlords.Contains(DrawnHistory.KeyOf(one).Landlord.Value);

        private async Task LookBesideDamage(Meter meter, HashSet<string> hurt) => await Look(
            [.. _taken.Values.Where(one => !IsOf(one, hurt))],
            [.. (await meter.Segments(DrawnHistory.June, Ct).ToListAsync(Ct))
                .Where(one => !hurt.Contains(one.Resource.Landlord.Value))],
            [.. (await meter.Totals(DrawnHistory.June, Ct)).Where(one => !hurt.Contains(one.Resource.Landlord.Value))]);

        /// <summary>
        /// Once it is restored servers begin anew, or go on, or all is made anew under them; where the latter is due,
        /// verify says so.
        /// </summary>
        private async Task AfterDamage()
        {
            var how = _random.Next(3);
            _did.Add($"after {how}");
            if (how == 0)
            {
                Array.Clear(_servers);
            }

            await Any().Meter.Fold(Ct);
            var found = how == 1 ? [] : await Any().Meter.Verify(Ct);
            Assert.All(found, one => Assert.Equal("meter/index-differs", one.Code));
            if (how == 1 || found.Count > 0)
            {
                await Any().Meter.Replay(Ct);
            }

            await AreWhole();
            await Look(Any().Meter);
            Assert.Empty(await Any().Meter.Verify(Ct));
        }
    }
}
