using CsCheck;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalMutationTests : IDisposable
{
    private const int Sector = 512;

    /// <summary>Of the journals that are refused every so many-th is also appended to; each other one always is.</summary>
    private const int Every = 20;

    private readonly JournalFolder folder = new();

    [Fact]
    public async Task However_a_journal_is_changed_what_is_read_of_it_is_a_beginning_of_what_was_written()
    {
        var whole = await WriteAsync();
        var lines = whole.Count(sign => sign == (byte)'\n');
        var written = new JournalReader();
        written.Read(whole);
        var hashes = written.Records.Select(record => record.Hash).ToArray();
        var (intact, torn, refused, recovered) = (0, 0, 0, 0);

        Property.Holds(Mutation(whole.Length, lines).Array[1, 4], mutations =>
        {
            var bytes = mutations.Aggregate(whole, (current, mutate) => mutate(current));
            var reader = new JournalReader();
            var tail = reader.Read(bytes);

            _ = reader.Fault is not null ? refused++ : tail.Length > 0 ? torn++ : intact++;
            if ((reader.Fault is null || refused % Every == 0) && !GoesOn(bytes, reader, ref recovered))
            {
                return false;
            }

            return reader.Records.Select(record => record.Hash).SequenceEqual(hashes.Take(reader.Records.Count))
                && (reader.Fault is null || reader.Fault.Line == reader.Records.Count + 1)
                && (reader.Fault is not null || tail.Length == bytes.Length - reader.Position);
        });

        intact.ShouldBeGreaterThan(0, "a cut between two records is no change that can be seen");
        torn.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(1000);
        recovered.ShouldBeGreaterThan(100);
    }

    public void Dispose() => folder.Dispose();

    // Records alone and in groups, short ones and some of several sectors; the last were synced together.
    private async Task<byte[]> WriteAsync()
    {
        await folder.FillAsync(3);
        await folder.AppendAtOnceAsync([.. Enumerable.Range(1, 4).Select(number => $"at once {number}: {new string('n', 500 * number)}")]);
        await folder.FillAsync(2);
        await folder.AppendAtOnceAsync([.. Enumerable.Range(1, 4).Select(number => $"last {number}: {new string('l', 400 * number)}")]);
        return await File.ReadAllBytesAsync(folder.Path);
    }

    // Where it can be trusted the next record stands behind the last that was read, with what was torn set aside; where it cannot, no byte is changed.
    private bool GoesOn(byte[] bytes, JournalReader read, ref int recovered)
    {
        File.WriteAllBytes(folder.Path, bytes);
        Array.ForEach(folder.Aside(), File.Delete);
        try
        {
            folder.OpenOnOneThread().AppendAsync(JournalFolder.Note("goes on")).GetAwaiter().GetResult();
        }
        catch (DeployOpsException e) when (e.ErrorId == "JournalCorrupt")
        {
            return read.Fault is not null && File.ReadAllBytes(folder.Path).AsSpan().SequenceEqual(bytes);
        }

        var after = new JournalReader();
        var left = after.Read(File.ReadAllBytes(folder.Path));
        var wasTorn = folder.Aside().Length > 0;
        recovered += wasTorn ? 1 : 0;
        return read.Fault is null && after.Fault is null && left.Length == 0
            && after.Records[^1].Message == "goes on"
            && (after.Records[^2].Kind == JournalKind.Recovered) == wasTorn
            && after.Records.Take(read.Records.Count).Select(record => record.Hash).SequenceEqual(read.Records.Select(record => record.Hash));
    }

    private static Gen<Func<byte[], byte[]>> Mutation(int length, int lines)
    {
        var place = Gen.Int[0, length];
        return Gen.OneOf<Func<byte[], byte[]>>(
            Gen.Select(place, Gen.Byte, (at, value) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), value, .. bytes.Skip(at + 1)])),
            Gen.Select(place, Gen.Byte.Array[1, 40], (at, values) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. values, .. bytes.Skip(at)])),
            Gen.Select(place, Gen.Int[1, 600], (at, count) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. bytes.Skip(at + count)])),
            Gen.Select(place, place, Gen.Int[1, 600], (from, to, count) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(to), .. bytes.Skip(from).Take(count), .. bytes.Skip(to)])),
            Gen.Select(place, Gen.Int[0, 1024], (at, zeros) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. new byte[zeros]])),
            Gen.Select(Gen.Int[0, length / Sector], Gen.Int[1, 4], (from, sectors) => new Func<byte[], byte[]>(bytes => Unwritten(bytes, from * Sector, sectors * Sector))),
            Gen.Select(Gen.Int[0, lines - 1], Gen.Int[0, lines - 1], (one, other) => new Func<byte[], byte[]>(bytes => Swap(bytes, one, other))));
    }

    // As where the file's size reached the disk before some of its sectors did.
    private static byte[] Unwritten(byte[] bytes, int from, int count)
    {
        var changed = bytes.ToArray();
        var start = Math.Min(from, changed.Length);
        changed.AsSpan(start, Math.Min(count, changed.Length - start)).Clear();
        return changed;
    }

    private static byte[] Swap(byte[] bytes, int one, int other)
    {
        var lines = System.Text.Encoding.Latin1.GetString(bytes).Split('\n');
        if (one < lines.Length && other < lines.Length)
        {
            (lines[one], lines[other]) = (lines[other], lines[one]);
        }

        return System.Text.Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }
}
