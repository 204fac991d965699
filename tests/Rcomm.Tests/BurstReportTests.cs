using System.CommandLine;
using Rcomm.Burst.Results;
using Rcomm.BurstReports;
using Rcomm.Cli;
using static Rcomm.Tests.BurstReports;

namespace Rcomm.Tests;

public sealed class BurstReportTests
{
    [Fact]
    public void Dropped_connections_are_told_with_their_cause()
    {
        BurstReport report = Of([.. Answered(609, 20), .. Answered(391, 1030, retries: 1)], Queue(128, 129, 391));

        Assert.Equal(
            ["All 1,000 connections were answered.", "391 of them were dropped by a full listen queue and waited 1 s or more for the retry."],
            Texts(report));
        Assert.Equal("Listen queue of rcomm (pid 7) at 127.0.0.1:7878: backlog 128; 0 waited before, 129 at the peak (full), 0 after; 391 drops.",
            ReportSentences.Queue(report));
    }

    [Fact]
    public void Drops_that_overlap_the_outcomes_are_told_as_being_among_all()
    {
        BurstReport report = Of([.. Answered(6, 20), .. Ended(2, ConnectionOutcome.TimedOutConnecting),
            .. Answered(2, 1030, retries: 1)], Queue(128, 129, 2));

        Assert.Contains("Of all 10, answered or not, 2 were dropped by a full listen queue and waited 1 s or more for the retry.", Texts(report));
    }

    [Fact]
    public void After_drops_the_next_step_is_a_command()
    {
        BurstReport report = Of([.. Answered(609, 20), .. Answered(391, 1030, retries: 1)], Queue(128, 129, 391));

        Assert.Matches("^Next: a backlog of 1024 would have held this burst: (sudo sysctl -w net.core.somaxconn=1024 && )?sudo rcomm backlog 1024 --port 7878$",
            ReportSentences.NextStep(report));
        Assert.Null(ReportSentences.NextStep(Of(Answered(10, 2), Queue(128, 10, 0))));
    }

    [Fact]
    public void Each_row_of_times_says_how_many_connections_came_so_far() =>
        Assert.Equal([("connect", "5"), ("first byte", "5"), ("end of answer", "5")],
            PercentileRow.Of(Of([.. Answered(5, 20), .. Ended(4, ConnectionOutcome.TimedOutConnecting)]).Burst.Summary)
                .Select(row => (row.Name, row.Cells[0])));

    [Fact]
    public void Without_the_queue_the_cause_is_only_likely()
    {
        BurstReport report = Of([.. Answered(9, 20), .. Answered(1, 1030, retries: 1)]);

        Assert.Contains("1 of them lost a packet of their handshake (a full listen queue is the usual cause) and waited 1 s or more for the "
            + "retry.", Texts(report));
        Assert.Null(ReportSentences.Queue(report));
    }

    [Fact]
    public void Retries_that_took_less_than_a_second_are_reported_as_that() =>
        Assert.Contains("4 of them sent a packet again, and waited less than 1 s for that.",
            Texts(Of([.. Answered(6, 20), .. Answered(4, 250, retries: 1)])));

    [Fact]
    public void A_burst_without_a_loss_is_good_news_only() =>
        Assert.All(ReportSentences.Outcomes(Of(Answered(10, 2), Queue(128, 10, 0))), sentence => Assert.True(sentence.Good));

    [Fact]
    public void A_queue_that_dropped_was_full_even_where_no_sample_saw_it() =>
        Assert.Contains("0 waited before, full between two samples (the highest was 1), 0 after; 29 drops (a connection that is dropped twice counts twice).",
            ReportSentences.Queue(Of([.. Answered(973, 20), .. Answered(27, 1030, retries: 1)], Queue(128, 1, 29))));

    [Fact]
    public void A_Unix_queue_that_turned_clients_away_was_full_too() =>
        Assert.Contains("full between two samples (the highest was 1)",
            ReportSentences.Queue(Of([.. Answered(6, 20), .. Ended(4, ConnectionOutcome.QueueFull)], Queue(5, 1, 0) with { Drops = null })));

    [Fact]
    public void Every_outcome_has_a_sentence_and_a_short_name()
    {
        foreach (ConnectionOutcome outcome in Enum.GetValues<ConnectionOutcome>())
        {
            Assert.Contains(Texts(Of(Ended(3, outcome))), text => text.StartsWith("All 3 connections "));
            Assert.NotEqual(outcome.ToString(), OutcomeLabel.Of(outcome));
        }
    }

    [Theory]
    [InlineData(1000, 0, 0)]
    [InlineData(999, 0, 1)]
    [InlineData(999, 0.001, 0)]
    [InlineData(998, 0.001, 1)]
    [InlineData(0, 1, 0)]
    public void The_verdict_counts_what_was_not_answered(int answered, double allowed, int exitCode) =>
        Assert.Equal(exitCode, BurstExitCode.Of(Of([.. Answered(answered, 1), .. Ended(1000 - answered, ConnectionOutcome.Refused)]).Burst.Summary, allowed));

    [Fact]
    public void Failed_handshakes_are_reported_with_their_reason()
    {
        IEnumerable<ConnectionRecord> failed = Ended(3, ConnectionOutcome.HandshakeFailed)
            .Select(record => record with { Tls = new(1, null, null, null, null, HandshakeFailure.Alert, "certificate_required") })
            .Concat(Ended(2, ConnectionOutcome.HandshakeFailed)
                .Select(record => record with { Tls = new(1, null, null, null, null, HandshakeFailure.CertificateExpired, null) }));

        Assert.Equal(
            [
                "3 of 5 connections failed the TLS handshake: the server sent the alert certificate_required.",
                "2 of 5 connections failed the TLS handshake: the server's certificate has expired.",
            ],
            Texts(Of(failed)));
    }

    [Fact]
    public void Every_reason_of_a_failed_handshake_has_words()
    {
        foreach (HandshakeFailure failure in Enum.GetValues<HandshakeFailure>())
            Assert.DoesNotContain(failure.ToString(), OutcomeSentence.Of(new FailureCount(failure, "internal_error", 1)));
    }

    [Fact]
    public void The_share_of_the_TLS_handshake_is_reported()
    {
        IEnumerable<ConnectionRecord> secured =
            Answered(4, 100).Select(record => record with { ConnectedUs = 10_000, Tls = new(20_000, 70_000, "1.3", "h2", true, null, null) });

        Assert.Contains("4 TLS handshakes: TLS 1.3, ALPN h2, all resumed. They took 60 % of the time to the first byte.", Texts(Of(secured)));
    }

    [Fact]
    public void WebSockets_that_the_server_closed_are_reported_by_code()
    {
        IEnumerable<ConnectionRecord> closed =
            Answered(4, 5).Select((record, index) => record with { WebSocket = new(3, 2, 1500, index == 0 ? 1001 : null, index == 0 ? 9 : null) });

        Assert.Contains("8 of 12 pings were answered; the slowest answer of each took 1.50 ms (p50), 1.50 ms (p99), 1.50 ms (max).", Texts(Of(closed)));
        Assert.Contains("1 of 4 WebSockets were closed by the server: code 1001, going away.", Texts(Of(closed)));
    }

    [Fact]
    public void Packets_sent_again_are_no_drops_where_the_queue_dropped_none() =>
        Assert.Contains("2 of them sent a packet again, although the listen queue dropped none: a busy machine or network was late to "
            + "acknowledge it.",
            Texts(Of([.. Answered(8, 20), .. Answered(2, 1200, retries: 1)], Queue(128, 10, 0))));

    [Theory]
    [InlineData(950, 10, "The generator was the limit, not the server: its threads ran on a core for 95 %")]
    [InlineData(400, 550, "The cores of the generator's machine were the limit: its threads ran for 40 %")]
    [InlineData(300, 100, null)]
    public void The_report_says_when_the_generator_was_the_limit(double runMs, double coreWaitMs, string? says)
    {
        BurstReport report = Of(Answered(10, 5));
        BurstResult loaded = report.Burst with { Summary = report.Burst.Summary with { Generator = new(1000, runMs, coreWaitMs) } };

        string? limit = GeneratorSentences.Of(loaded).SingleOrDefault();

        if (says is null) Assert.Null(limit);
        else Assert.StartsWith(says, limit);
    }

    [Fact]
    public void A_schedule_that_was_not_kept_is_reported_with_how_late_it_was()
    {
        BurstReport report = Of(Answered(10, 50).Select(record => record with { OpenedUs = 20_000 }));

        Assert.Contains("half of the connections were opened 20.0 ms late or more",
            GeneratorSentences.Of(report.Burst with { Parameters = report.Burst.Parameters with { Schedule = "rate" } }).Single());
    }

    [Fact]
    public void The_first_step_that_dropped_is_named_and_a_train_is_shown_with_the_peak_of_each_burst()
    {
        BurstReport report = Of(
            [
                .. Answered(4, 1).Select(record => record with { Part = 1 }),
                .. Answered(4, 1, retries: 1)
                    .Select(record => record with { Part = 2, MeantUs = 900, OpenedUs = 900, ConnectedUs = 1500, FirstByteUs = 1900, EndedUs = 1900 }),
            ],
            Queue(128, 77, 4));
        BurstReport stepped = report with { Burst = report.Burst with { Parameters = report.Burst.Parameters with { Schedule = "steps",
            StepRates = [1000, 2000], IntervalMs = 1 } } };

        Assert.Contains("The first step at which connections were dropped: 2,000 a second (4 of 4).", Texts(stepped));
        Assert.Equal([("0", false), ("77", true)], PartRow.Of(stepped).Select(row => (row.Cells[5], row.HasDrops)));
        Assert.Contains("No step dropped a connection.", Texts(stepped with { ListenQueue = Queue(128, 77, 0) }));
    }

    private static IEnumerable<string> Texts(BurstReport report) => ReportSentences.Outcomes(report).Select(sentence => sentence.Text);
}
