//! What users get: the record types, how figures become records, and the folders a run writes.

mod changes;
mod comment_table;
mod comparison;
mod evaluation;
mod explanation;
mod findings;
mod folder;
mod number;
mod parquet;
mod published;
mod records;
mod summarise;
mod table;
mod tidy;

pub use changes::{
    Cause, ChangesFile, CommentNews, EarlierSet, MovementRecord, PostNews, causes, changes_file,
    digest, judged_comment,
};
pub use comment_table::CommentTable;
pub use comparison::{
    ApartRecord, BasisRecord, BusiestAuthor, BusiestPost, ChangeKind, ChangePointRecord,
    ChangeRecord, ClusterRecord, CommentQuote, Compared, ComparisonFile, CorrectedLineRecord,
    CorrectedShareRecord, DaysRecord, Direction, DiscoveryRecord, LevelsRecord, LiftPeriod,
    LiftRecord, LineRecord, MeanCourse, MeanPeriod, MeanRecord, MethodsRecord, PairRecord,
    PeriodCount, PeriodQuotes, PeriodRecord, RangeRecord, RateRecord, Reason, ReasonCode,
    RowsRecord, SamePart, SampleNote, SentimentComparison, ShareCourse, SharePeriod, ShareRecord,
    ShiftRecord, ThemeComparison, ThemeQuote, TrendRecord, UnfinishedRecord, WordRecord,
    WordsRecord, comparison_file, tidy_rows,
};
pub use evaluation::{
    CalibrationRecord, ClassEvaluation, EstimateRecord, EvaluationRecord, MisjudgedRecord,
    ReliabilityBin, ThemesEvaluation, ThreeClassEvaluation, Unused, evaluation_record,
};
pub use explanation::{ExplanationRecord, PartRecord, SubjectRecord, explanation_record};
pub use findings::{
    CleanCommentRecord, CleanPostRecord, CleaningRecord, FindingRecord, RedactionRecord,
    cleaning_record, finding_records, redaction_records,
};
pub use folder::{OutputError, OutputFolder, Pruned, RunSet, SetFile};
pub use number::{Figure, Probability, Rounded, grouped, hundredths};
pub use published::{PublishedComment, PublishedError, PublishedSet, observations, observed_post};
pub use records::{
    AnswerRecord, AttitudeFigures, CommentCounts, CommentRecord, ErrorRecord, FigureSet,
    FoundFigures, Header, InputRecord, Mean, PostEntry, PostFile, PostIdentity, RunRecord,
    SCHEMA_VERSION, SECTIONS, ScoreRecord, Scoring, SentimentFigures, SentimentRecord, Share,
    SummaryFile, TellingComment, TextsRecord, ThemeFigures, ThemeSetting, YearEntry, YearFile,
    schema_of,
};
pub use summarise::{Summariser, score_record};
pub use tidy::{Basis, Measure, TidyRow, write_comparison_csv, write_comparison_parquet};
