using System.Globalization;
using DeployOps.Journal;
using DeployOps.Notices;

namespace DeployOps.Reports.Story;

/// <summary>A notice and who took it.</summary>
/// <param name="HappenedAt">When that happened which it tells, UTC.</param>
/// <param name="Title">What it tells, in one line.</param>
/// <param name="Taken">The channels that took it, with the time of each.</param>
internal sealed record ToldNotice(DateTimeOffset HappenedAt, string Title, IReadOnlyList<(string Channel, DateTimeOffset At)> Taken)
{
    /// <summary>Reads them from a journal; a notice is known by its key, which ends in the number of the record it tells.</summary>
    internal static IReadOnlyList<ToldNotice> Read(IReadOnlyList<JournalRecord> records, Func<JournalRecord, DeliveredNotice?> read) =>
    [
        .. from record in records
           where record.Kind == JournalKind.NoticeSent
           let notice = read(record)
           where notice is not null
           group (record, notice) by notice.Key into sent
           let first = sent.First()
           let happened = TimeOf(records, sent.Key) ?? first.record.Time
           orderby happened
           select new ToldNotice(happened, first.notice.Title, [.. sent.Select(one => (one.record.Target ?? "", one.record.Time))]),
    ];

    private static DateTimeOffset? TimeOf(IReadOnlyList<JournalRecord> records, string key) =>
        long.TryParse(key.AsSpan(key.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? records.FirstOrDefault(record => record.Seq == number)?.Time
            : null;
}
